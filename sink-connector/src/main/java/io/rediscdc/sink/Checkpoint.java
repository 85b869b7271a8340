package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Position;
import io.rediscdc.sink.expiry.LossCount;
import io.rediscdc.sink.expiry.TtlState;
import io.rediscdc.sink.target.CommandBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a flow has applied of a partition: a hash in database 0 of the target, written in the same MULTI/EXEC as the
 * changes. Fields: {@code format, flow, generation, topic, partition, offset, snapshot (open | closed),
 * snapshot_offset, owned (yes | no), ttl (exact | lifted | mixed), losses, value, writer, updated_ms}, one {@code pos:<shard>} a shard,
 * {@code promotion:<shard>} where a promotion has been told of, and {@code stuck} where somebody has to look. Where there
 * are several shards, {@code snapshot, snapshot_offset} and {@code value} are said of each in {@code shard:<shard>}, where the source is a cluster with its slots and {@code partitions} beside, and the
 * format is 2, so that older versions, which knew of one only, stop.
 *
 * @param generation grows with every rewind
 * @param offset Kafka offset of the record to read next, the first that any shard needs; -1 if nothing has been applied
 * @param shards what has been applied of each shard
 * @param partitions of the topic, as a cluster's source says; 0 where it is none
 * @param owned whether the target was empty when the flow claimed it first
 * @param ttl how expire times stand at the target
 * @param losses how many keys the target had let go when the flow had caught up last, null if some have gone since, or if that is
 *     not known
 * @param writer who wrote it
 * @param stuck position and error of a change that failed, null if none did
 */
record Checkpoint(
        long generation,
        long offset,
        Map<String, ShardPoint> shards,
        int partitions,
        boolean owned,
        TtlState ttl,
        LossCount losses,
        WriterId writer,
        String stuck) {

    static final long NOTHING = -1;
    static final String STUCK = "stuck";
    static final String WRITER = "writer";

    private static final String FORMAT = "1";
    private static final String FORMAT_OF_SHARDS = "2";
    private static final String POSITION_PREFIX = "pos:";
    private static final String SHARD_PREFIX = "shard:";
    private static final String PROMOTION_PREFIX = "promotion:";
    private static final int FIXED_FIELDS = 14;

    /** Of a flow that has applied nothing. */
    static Checkpoint none() {
        return new Checkpoint(0, NOTHING, Map.of(), 0, false, TtlState.MIXED, null, WriterId.NOBODY, null);
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
        if (!FORMAT.equals(format) && !FORMAT_OF_SHARDS.equals(format)) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "the checkpoint " + where + " has format " + format + ", this version reads formats " + FORMAT
                            + " and " + FORMAT_OF_SHARDS + "; run the version that wrote it or a later one");
        }
        try {
            return new Checkpoint(
                    Long.parseLong(fields.getOrDefault("generation", "")),
                    Long.parseLong(fields.getOrDefault("offset", "")),
                    shards(fields),
                    Integer.parseInt(fields.getOrDefault("partitions", "0")),
                    "yes".equals(fields.get("owned")),
                    TtlState.of(fields.get("ttl")),
                    LossCount.parse(fields.get("losses")),
                    WriterId.parse(fields.getOrDefault(WRITER, "")),
                    fields.get(STUCK));
        } catch (IllegalArgumentException e) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the checkpoint " + where + " is damaged: " + e.getMessage() + "; delete it, then " + Rewind.HOW,
                    e);
        }
    }

    private static Map<String, ShardPoint> shards(Map<String, String> fields) {
        Map<String, ShardPoint> shards = new HashMap<>();
        fields.forEach((field, text) -> {
            if (field.startsWith(SHARD_PREFIX)) {
                String shard = field.substring(SHARD_PREFIX.length());
                String position = fields.get(POSITION_PREFIX + shard);
                shards.put(shard, ShardPoint.parse(position == null ? null : Position.parse(position), text));
            }
        });
        fields.forEach((field, text) -> {
            String shard = field.startsWith(POSITION_PREFIX) ? field.substring(POSITION_PREFIX.length()) : null;
            if (shard != null && !shards.containsKey(shard)) {
                shards.put(
                        shard,
                        ShardPoint.of(
                                Position.parse(text),
                                fields.get("snapshot"),
                                fields.getOrDefault("snapshot_offset", ""),
                                fields.getOrDefault("value", "")));
            }
        });
        fields.forEach((field, text) -> {
            if (field.startsWith(PROMOTION_PREFIX)) {
                String shard = field.substring(PROMOTION_PREFIX.length());
                shards.computeIfPresent(shard, (name, point) -> point.promotedAt(Long.parseLong(text)));
            }
        });
        return Map.copyOf(shards);
    }

    /** Adds the HMSET (HSET takes one field only before Redis 4) that writes it whole, but for {@code stuck}. */
    void write(CommandBuffer out, CheckpointKey key, long nowMs) {
        boolean apart =
                partitions > 0 || shards.size() > 1 || !shards.values().stream().allMatch(ShardPoint::isPlain);
        ShardPoint only = apart || shards.isEmpty()
                ? ShardPoint.NONE
                : shards.values().iterator().next();
        long positions = shards.values().stream()
                .filter(shard -> shard.position() != null)
                .count();
        long promotions = shards.values().stream()
                .filter(shard -> shard.promotion() != NOTHING)
                .count();
        int fields = FIXED_FIELDS + (int) (positions + promotions) + (apart ? shards.size() + 1 : 0);
        out.command(2 + 2 * fields).arg("HMSET").arg(key.bytes());
        out.arg("format").arg(apart ? FORMAT_OF_SHARDS : FORMAT);
        out.arg("flow").arg(key.flow());
        out.arg("generation").arg(generation);
        out.arg("topic").arg(key.partition().topic());
        out.arg("partition").arg(key.partition().partition());
        out.arg("offset").arg(offset);
        out.arg("snapshot").arg(only.snapshot());
        out.arg("snapshot_offset").arg(only.snapshotOffset());
        out.arg("owned").arg(owned ? "yes" : "no");
        out.arg("ttl").arg(ttl.text());
        out.arg("losses").arg(losses == null ? "" : losses.text());
        out.arg("value").arg(only.valueText());
        out.arg(WRITER).arg(writer.toString());
        out.arg("updated_ms").arg(nowMs);
        if (apart) {
            out.arg("partitions").arg(partitions);
        }
        shards.forEach((name, shard) -> {
            if (shard.position() != null) {
                out.arg(POSITION_PREFIX + name).arg(shard.position().toString());
            }
            if (apart) {
                out.arg(SHARD_PREFIX + name).arg(shard.text());
            }
            if (shard.promotion() != NOTHING) {
                out.arg(PROMOTION_PREFIX + name).arg(shard.promotion());
            }
        });
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
        return offset == other.offset && positions().equals(other.positions());
    }

    /** Position of the last change applied, by shard. */
    Map<String, Position> positions() {
        Map<String, Position> positions = new HashMap<>();
        shards.forEach((name, shard) -> {
            if (shard.position() != null) {
                positions.put(name, shard.position());
            }
        });
        return positions;
    }

    /** The shards that have a snapshot open. */
    Set<String> openSnapshots() {
        return shards.entrySet().stream()
                .filter(shard -> shard.getValue().snapshotOpen())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    Checkpoint by(WriterId newWriter) {
        return new Checkpoint(generation, offset, shards, partitions, owned, ttl, losses, newWriter, stuck);
    }

    Checkpoint ownedBy(boolean nowOwned) {
        return new Checkpoint(generation, offset, shards, partitions, nowOwned, ttl, losses, writer, stuck);
    }

    Checkpoint with(TtlState newTtl) {
        return new Checkpoint(generation, offset, shards, partitions, owned, newTtl, losses, writer, stuck);
    }

    /** Without the large values that are not among those to be gone on with. */
    Checkpoint keeping(Predicate<OpenValue> kept) {
        Map<String, ShardPoint> points = new HashMap<>();
        shards.forEach((name, shard) ->
                points.put(name, shard.value() == null || kept.test(shard.value()) ? shard : shard.withoutValue()));
        return new Checkpoint(generation, offset, Map.copyOf(points), partitions, owned, ttl, losses, writer, stuck);
    }

    /** Of that generation, which has applied nothing, and begins with whatever stands at that offset. */
    Checkpoint rewound(long newGeneration, long newOffset) {
        return new Checkpoint(
                newGeneration, newOffset, Map.of(), partitions, owned, TtlState.MIXED, null, writer, null);
    }

    /** Of a new generation that has applied nothing, and begins with whatever stands at that offset. */
    Checkpoint rewoundTo(long newOffset) {
        Map<String, ShardPoint> unfinished = shards.entrySet().stream()
                .filter(shard -> shard.getValue().value() != null)
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, shard -> shard.getValue().forgotten()));
        return new Checkpoint(
                generation + 1, newOffset, unfinished, partitions, owned, TtlState.MIXED, null, writer, null);
    }

    /** Whether an operator has chosen where it begins. */
    boolean isRewound() {
        return generation > 0;
    }
}
