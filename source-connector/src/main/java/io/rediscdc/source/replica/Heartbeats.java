package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import io.rediscdc.source.cluster.Ownership;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What a capture says although nothing has been written: that the history has moved on, where it has without a record for so
 * long, and which slots the shard has, where it is a cluster's. Used by the reading thread.
 */
final class Heartbeats {

    private static final long OWNERSHIP_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final long intervalMs;
    private final Supplier<Ownership> owned;
    private long lastRecord = System.nanoTime();

    /** What was said last on this link of the slots that the shard has; null for nothing yet. */
    private Ownership told;

    private long toldAt;

    /**
     * None yet.
     *
     * @param intervalMs how long the history may move on without a record; 0 for ever
     * @param owned which slots the shard has now; null where it is no cluster's
     */
    Heartbeats(long intervalMs, Supplier<Ownership> owned) {
        this.intervalMs = intervalMs;
        this.owned = owned;
    }

    /** Whether there has been no record for so long that the next move of the history is to be told. */
    boolean isDue() {
        return intervalMs > 0 && System.nanoTime() - lastRecord >= TimeUnit.MILLISECONDS.toNanos(intervalMs);
    }

    /** A heartbeat waits for the history to move on, and goes out then at once: a reader takes it for news of now. */
    void beat(ReplicaHistory history, List<Change> into) {
        tellOwnership(history, into);
        boolean several = history.partitions() > 1;
        if ((into.isEmpty() || several) && isDue()) {
            into.addAll(history.heartbeats());
            if (several) {
                lastRecord = System.nanoTime();
            }
        }
        if (!into.isEmpty() && !several) {
            lastRecord = System.nanoTime();
        }
    }

    /** Again now and then: who begins to read in the middle wants to know. */
    private void tellOwnership(ReplicaHistory history, List<Change> into) {
        Ownership owns = owned.get();
        if (owns == null || !history.streaming()) {
            return;
        }
        long now = System.nanoTime();
        if (!owns.equals(told) || now - toldAt >= OWNERSHIP_NANOS) {
            List<Change> said = history.ownership(owns);
            if (!said.isEmpty()) {
                into.addAll(said);
                told = owns;
                toldAt = now;
            }
        }
    }

    /** On the next link it is said anew which slots the shard has. */
    void detached() {
        told = null;
    }
}
