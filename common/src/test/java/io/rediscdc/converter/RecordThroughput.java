package io.rediscdc.converter;

import com.sun.management.ThreadMXBean;
import io.rediscdc.command.rebuild.RebuildLimits;
import io.rediscdc.command.rebuild.RebuildOutput;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.command.rebuild.ValueRebuild;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeSchema;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures turning the keys of an RDB file into records' bytes and back, in the formats that are named (dump, typed):
 * {@code java io.rediscdc.converter.RecordThroughput FILE ROUNDS FORMAT...}. The file has to fit into the heap.
 */
final class RecordThroughput {

    private static final ChangeConverter CONVERTER = new ChangeConverter();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private RecordThroughput() {}

    public static void main(String[] args) throws IOException {
        List<Change> changes = changes(Path.of(args[0]));
        for (int round = 1; round <= Integer.parseInt(args[1]); round++) {
            for (int i = 2; i < args.length; i++) {
                if (args[i].equals("typed")) {
                    measureTyped(round, changes);
                } else {
                    measure(round, "dump", changes, new ChangeCodec());
                }
            }
        }
    }

    private static List<Change> changes(Path file) throws IOException {
        RdbReader reader = new RdbReader(new ArrayInput(Files.readAllBytes(file)), 1 << 30);
        Origin origin = new Origin("0", "127.0.0.1:6379", "2e0c4f4aa4ee3edfb578a9fbc81c327bb21501f7");
        List<Change> changes = new ArrayList<>();
        for (RdbItem item = reader.next(); item != null; item = reader.next()) {
            if (item instanceof RdbItem.Key key) {
                Position position = new Position(1795233155448L, 1 << 20, changes.size() + 1);
                Position prev = new Position(1795233155448L, 1 << 20, changes.size());
                changes.add(Change.set(
                        new ChangeKey(key.db(), key.key()),
                        new Stamp(origin, position, prev, 1000, 1795233155448L),
                        new State(
                                key.type().typeName(),
                                key.dump(),
                                reader.flavour(),
                                reader.rdbVersion(),
                                null,
                                null,
                                null)));
            }
        }
        return changes;
    }

    private static void measure(int round, String format, List<Change> changes, ChangeCodec codec) {
        List<byte[]> records = write(round, format, changes, codec);
        Cost cost = new Cost();
        ChangeCodec reader = new ChangeCodec();
        for (byte[] record : records) {
            reader.change(
                    codec.key(changes.get(0).key()),
                    CONVERTER.toConnectData("t", record).value());
        }
        cost.print(round, format + " read", records.size(), 0);
    }

    private static void measureTyped(int round, List<Change> changes) {
        ChangeCodec codec = ChangeCodec.typed(1_000_000);
        List<byte[]> records = write(round, "typed", changes, codec);
        ValueRebuild rebuild =
                new ValueRebuild(TargetAbilities.of(Flavour.REDIS, 8, 0), DecodeLimits.DEFAULT, RebuildLimits.DEFAULT);
        RebuildOutput nowhere = new RebuildOutput() {
            @Override
            public void command(byte[][] args) {}

            @Override
            public void unsupported(Unsupported what) {}
        };
        byte[] key = {'k'};
        Cost cost = new Cost();
        ChangeCodec reader = new ChangeCodec();
        for (byte[] record : records) {
            State state = reader.change(
                            codec.key(changes.get(0).key()),
                            CONVERTER.toConnectData("t", record).value())
                    .state();
            if (state.value() != null) {
                rebuild.rebuild(state.type(), state.value(), key, nowhere);
            }
        }
        cost.print(round, "typed read, to commands", records.size(), 0);
    }

    private static List<byte[]> write(int round, String format, List<Change> changes, ChangeCodec codec) {
        List<byte[]> records = new ArrayList<>(changes.size());
        Cost cost = new Cost();
        long bytes = 0;
        for (Change change : changes) {
            byte[] record = CONVERTER.fromConnectData("t", ChangeSchema.VALUE, codec.value(change));
            bytes += record.length;
            records.add(record);
        }
        cost.print(round, format + " written", changes.size(), bytes);
        return records;
    }

    private static final class Cost {

        private final long allocated = THREADS.getCurrentThreadAllocatedBytes();
        private final long cpu = THREADS.getCurrentThreadCpuTime();

        void print(int round, String what, int records, long bytes) {
            double nanos = THREADS.getCurrentThreadCpuTime() - cpu;
            System.out.printf(
                    Locale.ROOT,
                    "round %d: %s: %.0f ns of CPU, %.0f bytes allocated, %d bytes a record%n",
                    round,
                    what,
                    nanos / records,
                    (THREADS.getCurrentThreadAllocatedBytes() - allocated) / (double) records,
                    bytes / records);
        }
    }
}
