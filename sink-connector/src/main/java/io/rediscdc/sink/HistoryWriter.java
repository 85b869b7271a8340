package io.rediscdc.sink;

/**
 * Applies one partition's history to the target, exactly once. Errors: CONNECTION where the same call can be repeated, with
 * the records that it did not take; all others are final. Not thread-safe.
 */
interface HistoryWriter extends AutoCloseable {

    WriterMetrics metrics();

    /** Connects, claims the checkpoint and moves the consumer to it, unless that has been done. */
    void open();

    /** Records of before a repositioning may follow it within a call of put(): they are not for us. */
    void startOfPut();

    boolean isRepositioned();

    /** Leaves what follows, from this record on, to be delivered again. */
    void deliverAgainFrom(long offset);

    /** Takes a record. If this throws CONNECTION, it may not have been taken. */
    void write(Delivery delivery);

    /** Sends what has been taken, or looks at the replies to what was; does what else there is to do. */
    void flush();

    /** Whether the replies to something are still to come, or something else is to be done. */
    boolean isBusy();

    /** Whether there is something to be looked at now and then. */
    boolean isWaiting();

    /** Kafka offset of the record after the last one that the target confirmed; -1 if there is none. Waits for replies. */
    long confirmed();

    @Override
    void close();
}
