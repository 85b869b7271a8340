package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.sink.target.TargetConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Looks into all of a target, as far as it matters to whom its keys belong. */
final class TargetKeyspace {

    private static final int SCAN_COUNT = 1_000;
    private static final byte[] CHECKPOINTS = CheckpointKey.PREFIX.getBytes(StandardCharsets.UTF_8);

    private final TargetConnection connection;

    TargetKeyspace(TargetConnection connection) {
        this.connection = connection;
    }

    /** Numbers of the databases that have keys. */
    List<Integer> databases() {
        List<Integer> databases = new ArrayList<>();
        connection.info("keyspace").keySet().forEach(name -> {
            if (name.matches("db\\d+")) {
                databases.add(Integer.parseInt(name.substring(2)));
            }
        });
        return databases;
    }

    /** Whether there is nothing but what is ours, and no other flow writes here. */
    boolean isEmpty(CheckpointKey ours) {
        return databases().stream().allMatch(db -> db == 0)
                && !hasOther(null, key -> !ChangeKey.isReserved(key) || isOtherCheckpoint(key, ours));
    }

    /** Whether another flow, or another partition of this one, writes here. */
    boolean hasOtherCheckpoint(CheckpointKey ours) {
        return hasOther(CheckpointKey.PREFIX + "*", key -> isOtherCheckpoint(key, ours));
    }

    /** Whether another flow, or this one from another topic, writes here. */
    boolean hasCheckpointOfOtherFlow(CheckpointKey ours) {
        byte[] prefix = siblings(ours);
        return hasOther(CheckpointKey.PREFIX + "*", key -> isOtherCheckpoint(key, ours) && !isOther(key, prefix, ours));
    }

    /** Whether the writer of another partition of this flow's topic has found it empty, before it wrote there. */
    boolean wasEmptyForOtherPartition(CheckpointKey ours) {
        byte[] prefix = siblings(ours);
        return hasOther(
                CheckpointKey.PREFIX + "*",
                key -> isOther(key, prefix, ours)
                        && connection.reader().hash(key).entrySet().stream()
                                .anyMatch(field -> text(field.getKey()).equals("owned")
                                        && text(field.getValue()).equals("yes")));
    }

    private static byte[] siblings(CheckpointKey ours) {
        String name = ours.toString();
        return name.substring(0, name.lastIndexOf(':') + 1).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether another partition of this flow's topic is written here. */
    boolean hasCheckpointOfOtherPartition(CheckpointKey ours) {
        byte[] prefix = siblings(ours);
        return hasOther(CheckpointKey.PREFIX + "*", key -> isOther(key, prefix, ours));
    }

    private boolean hasOther(String match, Predicate<byte[]> other) {
        boolean[] found = new boolean[1];
        String cursor = "0";
        do {
            cursor = connection.reader().scan(0, cursor, match, SCAN_COUNT, key -> found[0] |= other.test(key));
        } while (!found[0] && !cursor.equals("0"));
        return found[0];
    }

    private static boolean isOtherCheckpoint(byte[] key, CheckpointKey ours) {
        return isOther(key, CHECKPOINTS, ours);
    }

    private static boolean isOther(byte[] key, byte[] prefix, CheckpointKey ours) {
        return key.length >= prefix.length
                && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length)
                && !ours.isSame(key);
    }
}
