package io.rediscdc.format.rdb;

import com.sun.management.ThreadMXBean;
import io.rediscdc.format.ByteInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Measures reading an RDB file: {@code java io.rediscdc.format.rdb.RdbThroughput FILE [ROUNDS]}. */
final class RdbThroughput {

    private RdbThroughput() {}

    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int round = 1; round <= rounds; round++) {
            long allocated = threads.getCurrentThreadAllocatedBytes();
            long cpu = threads.getCurrentThreadCpuTime();
            long begin = System.nanoTime();
            long keys = 0;
            long handedOut = 0;
            try (InputStream in = Files.newInputStream(file)) {
                RdbReader reader = new RdbReader(new StreamInput(in), 1 << 26);
                for (RdbItem item = reader.next(); item != null; item = reader.next()) {
                    if (item instanceof RdbItem.Key key) {
                        keys++;
                        handedOut += key.key().length + key.dump().length;
                    }
                }
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    "round %d: %d keys, %.0f MB/s, %.2f M keys/s, %.2f s CPU, per key: %d B handed out, %d B allocated%n",
                    round,
                    keys,
                    Files.size(file) / seconds / 1e6,
                    keys / seconds / 1e6,
                    (threads.getCurrentThreadCpuTime() - cpu) / 1e9,
                    handedOut / Math.max(keys, 1),
                    (threads.getCurrentThreadAllocatedBytes() - allocated) / Math.max(keys, 1));
        }
    }

    private static final class StreamInput extends ByteInput {

        private final InputStream in;

        StreamInput(InputStream in) {
            super(new byte[64 * 1024], 0, 0);
            this.in = in;
        }

        @Override
        protected void refill() throws IOException {
            int n = in.read(window);
            if (n < 0) {
                throw new EOFException("ends after " + position() + " bytes");
            }
            next = 0;
            limit = n;
        }
    }
}
