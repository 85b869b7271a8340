package io.rediscdc.benchmarks.loop;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Changes as a source has them. */
final class Samples {

    private static final long EPOCH = 1_795_233_155_448L;
    private static final long OFFSET = 1 << 20;
    private static final Origin ORIGIN = new Origin("0", "127.0.0.1:6379", "2e0c4f4aa4ee3edfb578a9fbc81c327bb21501f7");

    private Samples() {}

    /** States of a snapshot, one for each key of a file that a server has written. */
    static List<Change> states(Dataset dataset, int keys) {
        try {
            RdbReader reader = new RdbReader(new ArrayInput(SampleRdb.of(dataset, keys, true)), 1 << 30);
            List<Change> changes = new ArrayList<>(keys);
            for (RdbItem item = reader.next(); item != null; item = reader.next()) {
                if (item instanceof RdbItem.Key key) {
                    changes.add(state(key, reader, changes.size()));
                }
            }
            return changes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SETs of 100 bytes. */
    static List<Change> commands(int count) {
        List<Change> changes = new ArrayList<>(count);
        for (byte[][] args : sets(count)) {
            Position position = new Position(EPOCH, OFFSET + 150L * (changes.size() + 1), 0);
            Position prev = new Position(EPOCH, OFFSET + 150L * changes.size(), 0);
            changes.add(Change.executable(
                    new ChangeKey(0, args[1]),
                    Op.COMMAND,
                    new Stamp(ORIGIN, position, prev, 1000, EPOCH),
                    new Command(args, new int[] {1}, null)));
        }
        return changes;
    }

    /** SETs of 100 random bytes, to keys as in {@code key:123456}. */
    static List<byte[][]> sets(int count) {
        Random random = new Random(5);
        List<byte[][]> sets = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] value = new byte[Dataset.SMALL_VALUE];
            random.nextBytes(value);
            sets.add(new byte[][] {ascii("SET"), ascii("key:" + random.nextInt(1_000_000)), value});
        }
        return sets;
    }

    private static Change state(RdbItem.Key key, RdbReader reader, long index) {
        return Change.set(
                new ChangeKey(key.db(), key.key()),
                new Stamp(
                        ORIGIN,
                        new Position(EPOCH, OFFSET, index + 1),
                        new Position(EPOCH, OFFSET, index),
                        1000,
                        EPOCH),
                new State(key.type().typeName(), key.dump(), reader.flavour(), reader.rdbVersion(), null, null, null));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
