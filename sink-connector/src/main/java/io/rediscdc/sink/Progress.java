package io.rediscdc.sink;

import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.sink.expiry.TtlState;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a partition stands on its way into the target: up to where changes have been taken, and up to where they have
 * been encoded, which is what the next checkpoint says. Not thread-safe.
 */
final class Progress {

    private final boolean exclusive;
    private final boolean owned;
    private final long generation;
    private final History history;
    private final Map<String, Position> encoded;
    private long nextOffset;
    private boolean snapshotOpen;
    private long snapshotOffset;

    /**
     * Begins where a checkpoint stands.
     *
     * @param exclusive whether the target is to hold nothing that a snapshot does not have, even the first one
     */
    Progress(Checkpoint from, boolean exclusive) {
        this.exclusive = exclusive;
        owned = from.owned();
        generation = from.generation();
        history = from.isRewound() ? History.fromAnywhere() : new History(from.positions());
        encoded = new HashMap<>(from.positions());
        nextOffset = from.offset();
        snapshotOpen = from.snapshotOpen();
        snapshotOffset = from.snapshotOffset();
    }

    /**
     * Whether a record comes next.
     *
     * @return false if it has been taken before
     * @throws io.rediscdc.error.RedisCdcException GAP if something between is missing
     */
    boolean isNext(Delivery delivery) {
        return history.isNext(delivery);
    }

    /**
     * Whether a record comes right after all that has been encoded, although more has been taken: the source could not
     * finish what it had begun there, and begins again, or goes on without it. (The server may have been replaced by one that
     * did not have the end of it.)
     */
    boolean startsOver(Delivery delivery) {
        Stamp stamp = delivery.change().stamp();
        Position complete = encoded.get(stamp.origin().shard());
        return complete != null
                && !stamp.prev().isAfter(complete)
                && stamp.position().isAfter(complete);
    }

    /** Forgets what has been taken and not been encoded. */
    void startOver(Delivery delivery) {
        String shard = delivery.change().stamp().origin().shard();
        history.goBack(shard, encoded.get(shard));
    }

    /** Takes what comes next. */
    void take(Delivery delivery) {
        history.take(delivery);
    }

    /** Whether a snapshot that begins now replaces something. */
    boolean sweeps() {
        return exclusive || generation > 0 || !encoded.isEmpty();
    }

    /** Whether a snapshot is open before which the flow has written nothing. */
    boolean isInFirstSnapshot() {
        return snapshotOpen && snapshotOffset == Checkpoint.NOTHING;
    }

    /** What was taken is now part of a batch. */
    void encoded(Delivery delivery) {
        Op op = delivery.change().op();
        if (op == Op.SNAPSHOT_BEGIN || op == Op.SNAPSHOT_END) {
            snapshotOpen = op == Op.SNAPSHOT_BEGIN;
            snapshotOffset = snapshotOpen && sweeps() ? delivery.offset() : Checkpoint.NOTHING;
        }
        encoded.put(
                delivery.change().stamp().origin().shard(),
                delivery.change().stamp().position());
        nextOffset = delivery.offset() + 1;
    }

    /** The checkpoint of all that has been encoded. */
    Checkpoint checkpoint(TtlState ttl, OpenValue value, WriterId writer) {
        return new Checkpoint(
                generation,
                nextOffset,
                Map.copyOf(encoded),
                snapshotOpen,
                snapshotOffset,
                owned,
                ttl,
                value,
                writer,
                null);
    }
}
