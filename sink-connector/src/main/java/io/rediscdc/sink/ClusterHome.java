package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Position;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint that was found at a cluster: what has been applied to the slots that it covers.
 *
 * @param slot in which it stands
 * @param term of the claim that wrote it; of two that cover a slot, that of the later one counts
 * @param ahead of the slots covered, those that had more applied when it was claimed
 * @param owed keys of which the source is to be asked, also for other slots
 * @param moved keys that are taken from another shard than their slot's, also of other slots, each followed by the shard
 */
record ClusterHome(
        int slot,
        CheckpointKey key,
        Checkpoint checkpoint,
        SlotRanges covered,
        long term,
        List<Ahead> ahead,
        List<ChangeKey> owed,
        List<byte[]> moved) {

    static final String COVERED = "covered";
    static final String TERM = "term";
    static final String AHEAD_PREFIX = "ahead:";

    /** Reads the hash's fields. */
    static ClusterHome parse(
            int slot, CheckpointKey key, Map<String, String> fields, List<ChangeKey> owed, List<byte[]> moved) {
        List<Ahead> ahead = new ArrayList<>();
        fields.forEach((field, value) -> {
            if (field.startsWith(AHEAD_PREFIX)) {
                ahead.add(Ahead.parse(value));
            }
        });
        return new ClusterHome(
                slot,
                key,
                Checkpoint.parse(fields, key),
                SlotRanges.parse(fields.getOrDefault(COVERED, "")),
                Long.parseLong(fields.getOrDefault(TERM, "0")),
                List.copyOf(ahead),
                owed,
                moved);
    }

    /** Some of the slots covered, those with the same positions together. */
    List<Ahead> reached(SlotRanges slots) {
        List<Ahead> reached = new ArrayList<>();
        SlotRanges rest = slots;
        for (Ahead each : ahead) {
            SlotRanges those = rest.and(each.slots());
            if (!those.isEmpty()) {
                Map<String, Position> positions = Ahead.later(checkpoint.positions(), each.positions());
                reached.add(new Ahead(those, positions));
                rest = rest.minus(those);
            }
        }
        if (!rest.isEmpty()) {
            reached.add(new Ahead(rest, checkpoint.positions()));
        }
        return reached;
    }

    boolean isBefore(ClusterHome other) {
        return checkpoint.generation() != other.checkpoint().generation()
                ? checkpoint.generation() < other.checkpoint().generation()
                : term < other.term;
    }
}
