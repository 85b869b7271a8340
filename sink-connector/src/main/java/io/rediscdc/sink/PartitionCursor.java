package io.rediscdc.sink;

import java.util.function.LongConsumer;

/** Where the consumer of a partition stands, and which of what it delivers is known. Offsets are Kafka's. Not thread-safe. */
final class PartitionCursor {

    private static final long NONE = -1;

    private final LongConsumer seek;

    private boolean moved;

    /** The first that was delivered to a flow that has applied nothing. */
    private long begin = NONE;

    /** That of the last record that was taken since the consumer was moved: with all before it, it may come again. */
    private long taken = NONE;

    /** That before which records are only looked at, to know an open snapshot's keys again. */
    private long rereadUntil = NONE;

    /** That up to which everything is in the target or was there before. */
    private long confirmed = NONE;

    /** @param seek moves the consumer to an offset, after the current call */
    PartitionCursor(LongConsumer seek) {
        this.seek = seek;
    }

    void startOfPut() {
        moved = false;
    }

    /** Whether the consumer is to be moved after the current call: what is still delivered in it comes again. */
    boolean isMoved() {
        return moved;
    }

    void moveTo(long offset) {
        seek.accept(offset);
        moved = true;
    }

    /** Where to begin, if nothing has been applied. */
    void beginAt(long offset) {
        begin = offset;
    }

    /** A record was delivered, and nothing has been applied yet. */
    void beginWith(Delivery delivery) {
        if (begin < 0) {
            begin = delivery.offset();
        }
    }

    boolean isTaken(Delivery delivery) {
        return delivery.offset() <= taken;
    }

    void take(Delivery delivery) {
        taken = Math.max(taken, delivery.offset());
    }

    /** Sees each record that has not been taken, also those that were applied before. */
    void see(Delivery delivery) {
        if (delivery.offset() + 1 >= rereadUntil) {
            rereadUntil = NONE;
        }
    }

    /** Forgets what has been taken. */
    void forget() {
        taken = NONE;
        rereadUntil = NONE;
    }

    /**
     * Begins where a checkpoint stands.
     *
     * @param from before it, if records are to be looked at again
     */
    void startAt(Checkpoint checkpoint, long from) {
        if (checkpoint.offset() != Checkpoint.NOTHING) {
            confirmed = checkpoint.offset();
            rereadUntil = from < confirmed ? confirmed : NONE;
            moveTo(from);
        } else if (begin >= 0) {
            confirmed = begin;
            moveTo(begin);
        }
    }

    /** The target has what the checkpoint says. */
    void confirm(Checkpoint applied) {
        confirmed = applied.offset();
    }

    /** A record need not be applied, nor anything before it. */
    void confirm(Delivery known) {
        confirmed = Math.max(confirmed, known.offset() + 1);
    }

    /** Offset of the record after the last one that is in the target, -1 if that is not known. */
    long confirmed() {
        return rereadUntil < 0 ? confirmed : NONE;
    }
}
