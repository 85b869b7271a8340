package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;

/**
 * Where one shard's history stands on its way into the target: what of it has been taken and not been encoded, up to where it
 * has been encoded, which is what the next checkpoint says, and the snapshot that is open in it. The shards of a partition
 * know nothing of each other. Not thread-safe.
 */
final class Shard implements AutoCloseable {

    private final OpenTransaction transaction;
    private final Resync resync;

    private Position encoded;
    private Position taken;
    private long promotion;
    private boolean snapshotOpen;
    private long snapshotOffset;

    /** Kafka offset of the first record that has been taken and not been encoded, -1 for none. */
    private long heldFrom = Checkpoint.NOTHING;

    /** Begins where a checkpoint stands. */
    Shard(ShardPoint from, OpenTransaction transaction, Resync resync) {
        this.transaction = transaction;
        this.resync = resync;
        encoded = from.position();
        promotion = from.promotion();
        snapshotOpen = from.snapshotOpen();
        snapshotOffset = from.snapshotOffset();
    }

    /** What comes next is held there until it can be applied. */
    OpenTransaction transaction() {
        return transaction;
    }

    Resync resync() {
        return resync;
    }

    /** Position of the last record that was encoded, null for none. */
    Position encoded() {
        return encoded;
    }

    /**
     * Notes what a record says of a promotion, taken before or not: it comes before all else that was read from the promoted server.
     *
     * @throws RedisCdcException GAP if more has been encoded than that server has: what it executed instead has positions that
     *     count as taken. The source did not know how far it had been sent, since it keeps that apart
     */
    void hear(Delivery delivery) {
        SnapshotMark mark = delivery.change().snapshot();
        if (delivery.change().op() != Op.HEARTBEAT || mark == null || delivery.offset() <= promotion) {
            return;
        }
        Position shared = mark.closes();
        if (encoded != null && encoded.epoch() == shared.epoch() && encoded.offset() > shared.offset()) {
            throw beyond(delivery, shared);
        }
        promotion = delivery.offset();
    }

    private RedisCdcException beyond(Delivery delivery, Position shared) {
        Origin origin = delivery.change().stamp().origin();
        return new RedisCdcException(
                Category.GAP,
                "shard " + origin.shard() + " has been applied up to position " + encoded + ", but " + origin.node()
                        + ", which has been promoted, has only what is up to offset " + shared.offset()
                        + ", says the record at " + delivery.place()
                        + ". What the target has beyond that never happened;"
                        + " what happened instead has positions that count as applied. Let the source make a new snapshot,"
                        + " then " + Rewind.HOW);
    }

    /**
     * Whether a record comes right after all that has been encoded, although more has been taken: the source could not
     * finish what it had begun there, and begins again, or goes on without it. (The server may have been replaced by one that
     * did not have the end of it.)
     */
    boolean startsOver(Delivery delivery) {
        Stamp stamp = delivery.change().stamp();
        return !transaction.isEmpty()
                && encoded != null
                && !stamp.prev().isAfter(encoded)
                && stamp.position().isAfter(encoded);
    }

    /** Forgets what has been taken and not been encoded. */
    void startOver() {
        transaction.clear();
        heldFrom = Checkpoint.NOTHING;
    }

    /** Takes what comes next. */
    void take(Delivery delivery) {
        taken = delivery.change().stamp().position();
        if (heldFrom == Checkpoint.NOTHING) {
            heldFrom = delivery.offset();
        }
    }

    /** Whether a snapshot is open before which nothing of the shard was applied. */
    boolean isInFirstSnapshot() {
        return snapshotOpen && snapshotOffset == Checkpoint.NOTHING;
    }

    /**
     * What was taken is now part of a batch.
     *
     * @param sweeps whether a snapshot that begins here replaces something
     */
    void encoded(Delivery delivery, boolean sweeps) {
        Op op = delivery.change().op();
        if (op == Op.SNAPSHOT_BEGIN || op == Op.SNAPSHOT_END) {
            snapshotOpen = op == Op.SNAPSHOT_BEGIN;
            snapshotOffset = snapshotOpen && sweeps ? delivery.offset() : Checkpoint.NOTHING;
        }
        encoded = delivery.change().stamp().position();
        if (encoded.equals(taken)) {
            heldFrom = Checkpoint.NOTHING;
        }
    }

    /** {@link #heldFrom}. */
    long heldFrom() {
        return heldFrom;
    }

    /**
     * What the checkpoint says of all that has been encoded.
     *
     * @param value what of a large value has been encoded, null for none
     * @param slots what it claims, null for a source that is no cluster
     */
    ShardPoint point(OpenValue value, SlotClaim slots) {
        return new ShardPoint(encoded, snapshotOpen, snapshotOffset, value, slots, promotion);
    }

    @Override
    public void close() {
        resync.close();
    }
}
