package io.rediscdc.command.rebuild;

import com.sun.management.ThreadMXBean;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures turning the values of an RDB file into commands, as RESP:
 * {@code java io.rediscdc.command.rebuild.ValueThroughput FILE [ROUNDS]}. The file has to fit into the heap.
 */
final class ValueThroughput {

    private static final TargetAbilities TARGET = TargetAbilities.of(Flavour.REDIS, 8, 0);
    private static final byte[] KEY = {'k', 'e', 'y'};

    private ValueThroughput() {}

    public static void main(String[] args) throws IOException {
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        RdbReader reader = new RdbReader(new ArrayInput(Files.readAllBytes(Path.of(args[0]))), 1 << 30);
        List<byte[]> dumps = new ArrayList<>();
        long bytes = 0;
        for (RdbItem item = reader.next(); item != null; item = reader.next()) {
            if (item instanceof RdbItem.Key key) {
                dumps.add(key.dump());
                bytes += key.dump().length;
            }
        }
        for (int round = 1; round <= rounds; round++) {
            measure(round, dumps, bytes, reader.flavour());
        }
    }

    private static void measure(int round, List<byte[]> dumps, long bytes, Flavour flavour) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long cpu = threads.getCurrentThreadCpuTime();
        Encoded encoded = new Encoded();
        ValueRebuild rebuild = new ValueRebuild(TARGET, DecodeLimits.DEFAULT, RebuildLimits.DEFAULT);
        for (byte[] dump : dumps) {
            rebuild.rebuild(dump, flavour, KEY, encoded);
        }
        double seconds = (threads.getCurrentThreadCpuTime() - cpu) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "round %d: %d values, %d commands, %.0f MB of dumps per CPU s, %.0f MB of RESP, %.2f allocated bytes per byte%n",
                round,
                dumps.size(),
                encoded.commands,
                bytes / seconds / 1e6,
                encoded.bytes / 1e6,
                (threads.getCurrentThreadAllocatedBytes() - allocated) / (double) bytes);
    }

    private static final class Encoded implements RebuildOutput {

        private final RespBuffer buffer = new RespBuffer(1 << 20);
        private long commands;
        private long bytes;

        @Override
        public void command(byte[][] args) {
            buffer.clear();
            buffer.command(args);
            commands++;
            bytes += buffer.length();
        }

        @Override
        public void unsupported(Unsupported what) {}
    }
}
