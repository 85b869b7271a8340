package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Position;
import io.rediscdc.sink.expiry.TtlState;
import io.rediscdc.sink.target.CommandBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * What a flow has applied of a partition: a hash in database 0 of the target, written in the same MULTI/EXEC as the
 * changes. Fields: {@code format, flow, generation, topic, partition, offset, snapshot (open | closed),
 * snapshot_offset, owned (yes | no), ttl (exact | lifted | mixed), value, writer, updated_ms}, one {@code pos:<shard>} a shard, and
 * {@code stuck} where somebody has to look.
 *
 * @param generation grows with every rewind
 * @param offset Kafka offset of the record to read next, -1 if nothing has been applied
 * @param positions position of the last change applied, by shard
 * @param snapshotOpen whether it lies between a snapshot.begin and its end
 * @param snapshotOffset Kafka offset of that snapshot.begin, if at the end something has to be removed which the snapshot
 *     does not have; else -1
 * @param owned whether the target was empty when the flow claimed it first
 * @param ttl how expire times stand at the target
 * @param value what of a large value has been applied, null unless that is not all of it
 * @param writer who wrote it
 * @param stuck position and error of a change that failed, null if none did
 */
record Checkpoint(
        long generation,
        long offset,
        Map<String, Position> positions,
        boolean snapshotOpen,
        long snapshotOffset,
        boolean owned,
        TtlState ttl,
        OpenValue value,
        WriterId writer,
        String stuck) {

    static final long NOTHING = -1;
    static final String STUCK = "stuck";
    static final String WRITER = "writer";

    private static final String FORMAT = "1";
    private static final String POSITION_PREFIX = "pos:";
    private static final int FIXED_FIELDS = 13;

    /** Of a flow that has applied nothing. */
    static Checkpoint none() {
        return new Checkpoint(0, NOTHING, Map.of(), false, NOTHING, false, TtlState.MIXED, null, WriterId.NOBODY, null);
    }

    /**
     * Reads the hash's fields.
     *
     * @param where the key's name, for errors
     * @throws RedisCdcException UNSUPPORTED if another version wrote it, CONFIG if it is damaged
     */
    static Checkpoint parse(Map<String, String> fields, CheckpointKey where) {
        if (fields.isEmpty()) {
            return none();
        }
        String format = fields.get("format");
        if (!FORMAT.equals(format)) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "the checkpoint " + where + " has format " + format + ", this version reads format " + FORMAT
                            + "; run the version that wrote it or a later one");
        }
        try {
            Map<String, Position> positions = new HashMap<>();
            fields.forEach((field, value) -> {
                if (field.startsWith(POSITION_PREFIX)) {
                    positions.put(field.substring(POSITION_PREFIX.length()), Position.parse(value));
                }
            });
            return new Checkpoint(
                    Long.parseLong(fields.getOrDefault("generation", "")),
                    Long.parseLong(fields.getOrDefault("offset", "")),
                    Map.copyOf(positions),
                    "open".equals(fields.get("snapshot")),
                    Long.parseLong(fields.getOrDefault("snapshot_offset", "")),
                    "yes".equals(fields.get("owned")),
                    TtlState.of(fields.get("ttl")),
                    value(fields.getOrDefault("value", "")),
                    WriterId.parse(fields.getOrDefault(WRITER, "")),
                    fields.get(STUCK));
        } catch (IllegalArgumentException e) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the checkpoint " + where + " is damaged: " + e.getMessage() + "; delete it, then " + Rewind.HOW,
                    e);
        }
    }

    private static OpenValue value(String text) {
        return text.isEmpty() ? null : OpenValue.parse(text);
    }

    /** Adds the HMSET (HSET takes one field only before Redis 4) that writes it whole, but for {@code stuck}. */
    void write(CommandBuffer out, CheckpointKey key, long nowMs) {
        out.command(2 + 2 * (FIXED_FIELDS + positions.size())).arg("HMSET").arg(key.bytes());
        out.arg("format").arg(FORMAT);
        out.arg("flow").arg(key.flow());
        out.arg("generation").arg(generation);
        out.arg("topic").arg(key.partition().topic());
        out.arg("partition").arg(key.partition().partition());
        out.arg("offset").arg(offset);
        out.arg("snapshot").arg(snapshotOpen ? "open" : "closed");
        out.arg("snapshot_offset").arg(snapshotOffset);
        out.arg("owned").arg(owned ? "yes" : "no");
        out.arg("ttl").arg(ttl.text());
        out.arg("value").arg(value == null ? "" : value.toString());
        out.arg(WRITER).arg(writer.toString());
        out.arg("updated_ms").arg(nowMs);
        positions.forEach((shard, position) -> out.arg(POSITION_PREFIX + shard).arg(position.toString()));
    }

    /** Adds the HGET that asks who wrote it. */
    static void readWriter(CommandBuffer out, CheckpointKey key) {
        out.command(3).arg("HGET").arg(key.bytes()).arg(WRITER);
    }

    /** Adds the HGET that asks whether it is stuck. */
    static void readStuck(CommandBuffer out, CheckpointKey key) {
        out.command(3).arg("HGET").arg(key.bytes()).arg(STUCK);
    }

    /** Whether the target had none. */
    boolean isMissing() {
        return writer.equals(WriterId.NOBODY);
    }

    /** Whether both stand at the same place, whoever wrote them. */
    boolean isAt(Checkpoint other) {
        return offset == other.offset && positions.equals(other.positions);
    }

    Checkpoint by(WriterId newWriter) {
        return new Checkpoint(
                generation, offset, positions, snapshotOpen, snapshotOffset, owned, ttl, value, newWriter, stuck);
    }

    Checkpoint ownedBy(boolean nowOwned) {
        return new Checkpoint(
                generation, offset, positions, snapshotOpen, snapshotOffset, nowOwned, ttl, value, writer, stuck);
    }

    Checkpoint with(TtlState newTtl) {
        return new Checkpoint(
                generation, offset, positions, snapshotOpen, snapshotOffset, owned, newTtl, value, writer, stuck);
    }

    Checkpoint withValue(OpenValue newValue) {
        return new Checkpoint(
                generation, offset, positions, snapshotOpen, snapshotOffset, owned, ttl, newValue, writer, stuck);
    }

    /** Of that generation, which has applied nothing, and begins with whatever stands at that offset. */
    Checkpoint rewound(long newGeneration, long newOffset) {
        return new Checkpoint(
                newGeneration, newOffset, Map.of(), false, NOTHING, owned, TtlState.MIXED, value, writer, null);
    }

    /** Of a new generation that has applied nothing, and begins with whatever stands at that offset. */
    Checkpoint rewoundTo(long newOffset) {
        return rewound(generation + 1, newOffset);
    }

    /** Whether nothing has been applied since it was rewound. */
    boolean isRewound() {
        return generation > 0 && positions.isEmpty();
    }
}
