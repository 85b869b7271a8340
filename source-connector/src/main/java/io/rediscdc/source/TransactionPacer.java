package io.rediscdc.source;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;

/**
 * Where Kafka's transactions end: when the source has no more to say for now, but not more often than the interval, and
 * in a flood every so many records, bytes or seconds. What costs is transactions per second, not records in them: one takes
 * worker and broker about as much CPU as some hundred records. So the interval grows with the rate of changes, and a
 * transaction of a busy source has enough records to be worth it, while a quiet one's change waits for nobody. Does nothing
 * where the worker does not let connectors define boundaries.
 */
final class TransactionPacer {

    /** The worker keeps the records of an open transaction on its heap. */
    private static final long MOST_BYTES = 16 * 1024 * 1024;

    /** Long before a broker's transaction.timeout.ms aborts it, however large its records are. */
    private static final long MOST_OPEN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier clock;
    private final TransactionContext transaction;
    private final int maxRecords;
    private final long minIntervalNanos;
    private final long maxIntervalNanos;
    private final int ratePerMs;

    private int open;
    private long openBytes;
    private long openedAt;
    private long lastCommit;
    private long intervalNanos;

    /**
     * Begins with the least interval.
     *
     * @param maxIntervalMs how far the interval grows; not at all if it is less than the least
     * @param ratePerMs for so many changes a second it gathers for a millisecond
     */
    TransactionPacer(SourceTaskContext context, int maxRecords, long minIntervalMs, long maxIntervalMs, int ratePerMs) {
        this(context, maxRecords, minIntervalMs, maxIntervalMs, ratePerMs, System::nanoTime);
    }

    /** @param clock what tells the time, as {@link System#nanoTime()} does */
    TransactionPacer(
            SourceTaskContext context,
            int maxRecords,
            long minIntervalMs,
            long maxIntervalMs,
            int ratePerMs,
            LongSupplier clock) {
        this.clock = clock;
        this.transaction = transactionContext(context);
        this.maxRecords = maxRecords;
        this.minIntervalNanos = TimeUnit.MILLISECONDS.toNanos(minIntervalMs);
        this.maxIntervalNanos = Math.max(minIntervalNanos, TimeUnit.MILLISECONDS.toNanos(maxIntervalMs));
        this.ratePerMs = ratePerMs;
        this.lastCommit = clock.getAsLong();
        this.intervalNanos = minIntervalNanos;
    }

    /** Until when ({@link System#nanoTime()}) a poll may gather records before it hands them over: for no transaction, not at all. */
    long gatherUntilNanos() {
        return transaction == null ? lastCommit : lastCommit + intervalNanos;
    }

    /**
     * Counts records about to be sent, and ends the transaction with the last of them if it is time.
     *
     * @param bytes how large they are, about
     */
    void add(List<SourceRecord> batch, long bytes, boolean drained) {
        if (open == 0) {
            openedAt = clock.getAsLong();
        }
        open += batch.size();
        openBytes += bytes;
        if (drained
                || open >= maxRecords
                || openBytes >= MOST_BYTES
                || clock.getAsLong() - openedAt >= MOST_OPEN_NANOS) {
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
        long now = clock.getAsLong();
        intervalNanos = intervalNanos(open, now - lastCommit);
        open = 0;
        openBytes = 0;
        lastCommit = now;
    }

    /** How long to gather, if as many records come as in the last so many nanoseconds. */
    private long intervalNanos(int records, long nanos) {
        double perSecond = records * 1e9 / Math.max(1, nanos);
        return Math.max(minIntervalNanos, Math.min(maxIntervalNanos, (long) (perSecond * 1e6 / ratePerMs)));
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
