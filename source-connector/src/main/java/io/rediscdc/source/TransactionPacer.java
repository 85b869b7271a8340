package io.rediscdc.source;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;

/**
 * Where Kafka's transactions end: when the source has no more to say for now, but not more often than the interval, and
 * in a flood every so many records, bytes or seconds. What costs is transactions per second, not records in them. Does nothing where
 * the worker does not let connectors define boundaries.
 */
final class TransactionPacer {

    /** The worker keeps the records of an open transaction on its heap. */
    private static final long MOST_BYTES = 16 * 1024 * 1024;

    /** Long before a broker's transaction.timeout.ms aborts it, however large its records are. */
    private static final long MOST_OPEN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final TransactionContext transaction;
    private final int maxRecords;
    private final long minIntervalNanos;

    private int open;
    private long openBytes;
    private long openedAt;
    private long lastCommit = System.nanoTime();

    TransactionPacer(SourceTaskContext context, int maxRecords, long minIntervalMs) {
        this.transaction = transactionContext(context);
        this.maxRecords = maxRecords;
        this.minIntervalNanos = TimeUnit.MILLISECONDS.toNanos(minIntervalMs);
    }

    /** Until when ({@link System#nanoTime()}) a poll may gather records before it hands them over. */
    long gatherUntilNanos() {
        return lastCommit + minIntervalNanos;
    }

    /**
     * Counts records about to be sent, and ends the transaction with the last of them if it is time.
     *
     * @param bytes how large they are, about
     */
    void add(List<SourceRecord> batch, long bytes, boolean drained) {
        if (open == 0) {
            openedAt = System.nanoTime();
        }
        open += batch.size();
        openBytes += bytes;
        if (drained
                || open >= maxRecords
                || openBytes >= MOST_BYTES
                || System.nanoTime() - openedAt >= MOST_OPEN_NANOS) {
            if (transaction != null) {
                transaction.commitTransaction(batch.get(batch.size() - 1));
            }
            committed();
        }
    }

    /**
     * Ends a transaction that earlier polls left open.
     *
     * @return whether there was one; the poll must then return a list, if an empty one, for Connect to act on it
     */
    boolean commitOpen() {
        if (transaction == null || open == 0) {
            return false;
        }
        transaction.commitTransaction();
        committed();
        return true;
    }

    private void committed() {
        open = 0;
        openBytes = 0;
        lastCommit = System.nanoTime();
    }

    /** Null without exactly-once, with a boundary that is not ours, and on workers older than 3.2. */
    private static TransactionContext transactionContext(SourceTaskContext context) {
        try {
            return context.transactionContext();
        } catch (NoSuchMethodError | NoClassDefFoundError e) {
            return null;
        }
    }
}
