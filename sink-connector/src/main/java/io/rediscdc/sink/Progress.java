package io.rediscdc.sink;

import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a partition stands on its way into the target: up to where changes have been taken, and up to where they have
 * been encoded, which is what the next checkpoint says. Not thread-safe.
 */
final class Progress {

    private final long generation;
    private final History history;
    private final Map<String, Position> encoded;
    private long nextOffset;
    private boolean snapshotOpen;

    /** Begins where a checkpoint stands. */
    Progress(Checkpoint from) {
        generation = from.generation();
        history = from.isRewound() ? History.fromAnywhere() : new History(from.positions());
        encoded = new HashMap<>(from.positions());
        nextOffset = from.offset();
        snapshotOpen = from.snapshotOpen();
    }

    /**
     * Takes a record if it comes next.
     *
     * @return false if it has been taken before
     * @throws io.rediscdc.error.RedisCdcException GAP if something between is missing
     */
    boolean take(Delivery delivery) {
        return history.take(delivery);
    }

    /** What was taken is now part of a batch. */
    void encoded(Delivery delivery) {
        Op op = delivery.change().op();
        if (op == Op.SNAPSHOT_BEGIN || op == Op.SNAPSHOT_END) {
            snapshotOpen = op == Op.SNAPSHOT_BEGIN;
        }
        encoded.put(
                delivery.change().stamp().origin().shard(),
                delivery.change().stamp().position());
        nextOffset = delivery.offset() + 1;
    }

    /** The checkpoint of all that has been encoded. */
    Checkpoint checkpoint(WriterId writer) {
        return new Checkpoint(generation, nextOffset, Map.copyOf(encoded), snapshotOpen, writer, null);
    }
}
