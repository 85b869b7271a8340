package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.Stamp;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a shard's snapshot asks for beside its states: whatever the target has from before, and the snapshot does not have, goes
 * before the snapshot's end is checkpointed. That concerns every snapshot but the first one of a flow; a snapshot has no
 * deletions in it.
 *
 * <p>Nothing goes where the target may hold what the flow did not write: unless it was empty when the flow claimed it first
 * and no other flow's checkpoint has appeared, or is declared exclusive. Not thread-safe.
 */
final class Resync implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Resync.class);

    /** How long one call of put() may take for it, so that a task can be stopped. */
    private static final long SLICE_SECONDS = 2;

    private final CheckpointKey key;
    private final SinkConfig config;
    private final TargetSession session;
    private final SideWrite writes;
    private final WriterMetrics metrics;
    private final ShardScope scope;

    /** Null outside a snapshot, and in one that this writer did not see the begin of and need not. */
    private OpenSnapshot snapshot;

    private Sweep sweep;

    /** Null while none is under way. */
    private Sweep flush;

    /** Begins where a shard's history stands. */
    Resync(
            ShardPoint from,
            CheckpointKey key,
            SinkConfig config,
            TargetSession session,
            SideWrite writes,
            WriterMetrics metrics,
            ShardScope scope) {
        this.scope = scope;
        this.key = key;
        this.config = config;
        this.session = session;
        this.writes = writes;
        this.metrics = metrics;
        if (from.snapshotOffset() != Checkpoint.NOTHING) {
            snapshot = OpenSnapshot.remembered(from.snapshotOffset(), config.sweepMemoryBytes());
        }
    }

    /** Offset to read from, rather than that one: in the middle of a snapshot whose keys were remembered, its begin. */
    long rereadFrom(long offset) {
        return isDue() ? Math.min(offset, snapshot.beginOffset()) : offset;
    }

    /** A connection has been lost. */
    void reconnected() {
        if (sweep != null) {
            sweep.restart();
        }
        if (flush != null) {
            flush.restart();
        }
    }

    /**
     * Sees each record of the shard, also those that were applied before.
     *
     * @param isNew whether it was not
     * @param sweeps whether a snapshot that begins here replaces something
     */
    void see(Delivery delivery, boolean isNew, boolean sweeps) {
        if (isNew && delivery.change().op() == Op.SNAPSHOT_BEGIN) {
            close();
            snapshot = sweeps
                    ? OpenSnapshot.remembered(delivery.offset(), config.sweepMemoryBytes())
                    : OpenSnapshot.counted(delivery.offset());
        }
        if (snapshot != null) {
            snapshot.see(delivery);
        }
    }

    /** Whether the end of the open snapshot can be applied once all before it is, by {@link #finish}. */
    boolean isDue() {
        return snapshot != null && snapshot.isRemembered();
    }

    /** @throws RedisCdcException GAP if the snapshot is not whole */
    void check(Delivery end) {
        if (snapshot != null) {
            snapshot.checkCount(end);
        }
    }

    /**
     * Removes what the snapshot does not have.
     *
     * @param durable the checkpoint, at the record before the snapshot's end
     * @param end the snapshot's end
     * @throws RedisCdcException CONNECTION if it takes longer, or the target does not answer: call it again
     */
    void finish(Checkpoint durable, Stamp end) {
        if (sweep == null) {
            sweep = new Sweep(snapshot, session, writes, isOurs(durable), scope.at(end));
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SLICE_SECONDS);
        if (!sweep.run(durable, deadline)) {
            throw new RedisCdcException(
                    Category.CONNECTION,
                    key.partition() + ": a new snapshot is in the target; what it does not have is being looked for"
                            + " there, in " + sweep.seen() + " keys so far");
        }
        report();
        close();
    }

    /**
     * Removes the keys of one shard of a cluster, or those of one of its databases: the target has others beside them. All before
     * has to be applied.
     *
     * @param durable the checkpoint, before the FLUSHALL or FLUSHDB
     * @param flushed the FLUSHALL or FLUSHDB
     * @param db -1 for all
     * @throws RedisCdcException CONNECTION if it takes longer, or the target does not answer: call it again
     */
    void flush(Checkpoint durable, Stamp flushed, int db) {
        if (flush == null) {
            Sweep.Scope gone = scope.at(flushed);
            flush = new Sweep(OpenSnapshot.nothing(), session, writes, true, new Sweep.Scope() {
                @Override
                public boolean covers(ChangeKey found) {
                    return (db < 0 || db == found.db()) && gone.covers(found);
                }

                @Override
                public boolean coversLibraries() {
                    return false;
                }
            });
        }
        if (!flush.run(durable, System.nanoTime() + TimeUnit.SECONDS.toNanos(SLICE_SECONDS))) {
            throw new RedisCdcException(
                    Category.CONNECTION,
                    key.partition()
                            + ": a shard of the source was flushed; its keys are being removed from the target, "
                            + flush.keys() + " so far");
        }
        flush = null;
    }

    /** Forgets the snapshot. */
    @Override
    public void close() {
        sweep = null;
        flush = null;
        if (snapshot != null) {
            snapshot.close();
            snapshot = null;
        }
    }

    private boolean isOurs(Checkpoint durable) {
        TargetKeyspace keyspace = new TargetKeyspace(session.connection());
        if (scope.isApart()) {
            return config.targetExclusive() || (durable.owned() && !keyspace.hasCheckpointOfOtherFlow(key));
        }
        return config.targetExclusive()
                // Other partitions of the topic bring keys that this one's snapshot does not have.
                ? !keyspace.hasCheckpointOfOtherPartition(key)
                : durable.owned() && !keyspace.hasOtherCheckpoint(key);
    }

    private void report() {
        if (sweep.isRemoving()) {
            metrics.removedVanished(sweep.keys());
            log.warn(
                    "{}: a new snapshot of {} keys replaced what the target had: removed {} keys and {} function"
                            + " libraries that are no longer in the source",
                    key.partition(),
                    snapshot.keys(),
                    sweep.keys(),
                    sweep.libraries());
        } else if (sweep.keys() + sweep.libraries() > 0) {
            log.warn(
                    "{}: the target has {} keys and {} function libraries that are not in the new snapshot of {} keys."
                            + " They stay, since the target was not empty when this flow began, or another flow writes"
                            + " there: who wrote them is unknown. If nobody but this flow writes there, set {}=true and"
                            + " have the source make a new snapshot",
                    key.partition(),
                    sweep.keys(),
                    sweep.libraries(),
                    snapshot.keys(),
                    SinkConfig.TARGET_EXCLUSIVE);
        }
    }
}
