package io.rediscdc.sink;

import io.rediscdc.sink.expiry.LossCount;
import io.rediscdc.sink.expiry.TtlState;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Where a partition stands on its way into the target: the shards whose histories are in it, and what holds of all of them.
 * Not thread-safe.
 */
final class Progress implements AutoCloseable {

    private final boolean exclusive;
    private final boolean owned;
    private final long generation;
    private final History history;
    private final BiFunction<String, ShardPoint, Shard> opener;
    private final Map<String, Shard> shards = new HashMap<>();
    private long nextOffset;
    private long heldBackFrom = Checkpoint.NOTHING;

    // Records of a shard come in runs.
    private String lastName;
    private Shard last;

    /**
     * Begins where a checkpoint stands.
     *
     * @param exclusive whether the target is to hold nothing that a snapshot does not have, even the first one
     * @param opener makes a shard that begins where it is told
     */
    Progress(Checkpoint from, boolean exclusive, BiFunction<String, ShardPoint, Shard> opener) {
        this.exclusive = exclusive;
        this.opener = opener;
        owned = from.owned();
        generation = from.generation();
        history = new History(from.positions(), from.isRewound());
        from.shards().forEach((name, point) -> shards.put(name, opener.apply(name, point)));
        nextOffset = from.offset();
    }

    /** The shard of whose history a record is. */
    Shard shard(Delivery delivery) {
        String name = delivery.change().stamp().origin().shard();
        if (!name.equals(lastName)) {
            last = shards.computeIfAbsent(name, unknown -> opener.apply(unknown, ShardPoint.NONE));
            lastName = name;
        }
        return last;
    }

    /**
     * Whether a record comes next.
     *
     * @return false if it has been taken before
     * @throws io.rediscdc.error.RedisCdcException GAP if something between is missing, or more has been encoded than there is
     */
    boolean isNext(Delivery delivery) {
        Shard shard = shard(delivery);
        shard.hear(delivery);
        if (shard.startsOver(delivery)) {
            shard.startOver();
            history.goBack(delivery.change().stamp().origin().shard(), shard.encoded());
        }
        return history.isNext(delivery);
    }

    /** Takes what comes next. */
    void take(Delivery delivery) {
        history.take(delivery);
        shard(delivery).take(delivery);
    }

    /** Whether a snapshot of that shard that begins now replaces something. */
    boolean sweeps(Shard shard) {
        return exclusive || generation > 0 || shard.encoded() != null;
    }

    /** What was taken is now part of a batch. */
    void encoded(Delivery delivery) {
        Shard shard = shard(delivery);
        shard.encoded(delivery, sweeps(shard));
        nextOffset = Math.max(nextOffset, delivery.offset() + 1);
    }

    /** Has the checkpoint not pass a record before it is taken; null for none. */
    void holdBack(Delivery first) {
        heldBackFrom = first == null ? Checkpoint.NOTHING : first.offset();
    }

    /** Whether something has been taken and not been encoded. */
    boolean isHolding() {
        return heldBackFrom != Checkpoint.NOTHING
                || shards.values().stream().anyMatch(shard -> shard.heldFrom() != Checkpoint.NOTHING);
    }

    /** Where to begin again to know the keys of the open snapshots: the first of them, or that offset. */
    long rereadFrom(long offset) {
        long from = offset;
        for (Shard shard : shards.values()) {
            from = Math.min(from, shard.resync().rereadFrom(offset));
        }
        return from;
    }

    /** A connection has been lost. */
    void reconnected() {
        shards.values().forEach(shard -> shard.resync().reconnected());
    }

    /**
     * The checkpoint of all that has been encoded.
     *
     * @param values by shard, what of a large value has been
     */
    Checkpoint checkpoint(TtlState ttl, LossCount losses, Map<String, OpenValue> values, View view, WriterId writer) {
        long offset = heldBackFrom == Checkpoint.NOTHING ? nextOffset : Math.min(nextOffset, heldBackFrom);
        Map<String, ShardPoint> points = new HashMap<>();
        for (Map.Entry<String, Shard> each : shards.entrySet()) {
            ShardPoint point = each.getValue().point(values.get(each.getKey()), view.claim(each.getKey()));
            if (point.position() != null || point.value() != null) {
                points.put(each.getKey(), point);
            }
            long held = each.getValue().heldFrom();
            offset = held == Checkpoint.NOTHING ? offset : Math.min(offset, held);
        }
        return new Checkpoint(
                generation, offset, Map.copyOf(points), view.partitions(), owned, ttl, losses, writer, null);
    }

    @Override
    public void close() {
        shards.values().forEach(Shard::close);
    }
}
