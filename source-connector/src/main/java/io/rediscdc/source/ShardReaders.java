package io.rediscdc.source;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The shards of a task, read in turn: each gets its share of a poll, and one that has nothing, or cannot be reached, holds
 * up no other. Used by the polling thread, but for {@link #of} and {@link #close}.
 */
final class ShardReaders implements Closeable {

    /** How long to sleep when no shard has anything; doubled up to the most. What comes meanwhile waits so long. */
    private static final long LEAST_SLEEP_MS = 1;

    private static final long MOST_SLEEP_MS = 8;

    private final List<ShardReader> readers;
    private final Map<Map<String, ?>, ShardReader> byPartition = new HashMap<>();
    private final long retryTimeoutMs;
    private int turn;
    private long readBytes;
    private boolean drained;
    private volatile boolean closed;

    /**
     * Takes them over.
     *
     * @param retryTimeoutMs for how long all of several may be out of reach
     */
    ShardReaders(List<ShardReader> readers, long retryTimeoutMs) {
        this.readers = List.copyOf(readers);
        this.retryTimeoutMs = retryTimeoutMs;
        readers.forEach(reader -> byPartition.put(reader.partition(), reader));
    }

    /**
     * Reads.
     *
     * @param gatherUntilNanos until when ({@link System#nanoTime()}) to wait for more once there is something
     * @return empty for nothing
     * @throws RedisCdcException if trying again cannot help, or has not helped for the time configured
     */
    List<SourceRecord> poll(int max, long waitMs, long gatherUntilNanos) {
        if (readers.size() > 1) {
            return pollInTurn(max, waitMs, gatherUntilNanos);
        }
        ShardReader only = readers.get(0);
        List<SourceRecord> records = only.poll(max, waitMs, gatherUntilNanos);
        readBytes = only.readBytes();
        drained = only.drained();
        return records;
    }

    private List<SourceRecord> pollInTurn(int max, long waitMs, long gatherUntilNanos) {
        List<SourceRecord> records = new ArrayList<>();
        int share = Math.max(1, max / readers.size());
        long waitUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
        long sleepMs = LEAST_SLEEP_MS;
        readBytes = 0;
        while (!closed) {
            int before = records.size();
            readOnce(records, max, share);
            long until = records.isEmpty() ? waitUntil : gatherUntilNanos;
            boolean news = records.size() > before;
            if (records.size() >= max || (!(news && !drained) && System.nanoTime() - until >= 0)) {
                break;
            }
            if (!news) {
                sleep(sleepMs);
                sleepMs = Math.min(MOST_SLEEP_MS, sleepMs * 2);
            }
        }
        if (records.isEmpty()) {
            checkReachable();
        }
        return records;
    }

    private void readOnce(List<SourceRecord> records, int max, int share) {
        drained = true;
        for (int i = 0; i < readers.size() && records.size() < max; i++) {
            ShardReader reader = readers.get(turn++ % readers.size());
            records.addAll(reader.poll(Math.min(share, max - records.size()), 0, System.nanoTime()));
            readBytes += reader.readBytes();
            drained &= reader.drained();
        }
        if (turn >= readers.size()) {
            turn %= readers.size();
        }
    }

    /** One shard that is away is told of by its capture, and in its numbers; if all are, so is the cluster. */
    private void checkReachable() {
        if (readers.stream().allMatch(reader -> reader.detachedMs() > retryTimeoutMs)) {
            throw new RedisCdcException(
                    Category.CONNECTION,
                    "none of " + readers.size() + " shards could be read for " + retryTimeoutMs
                            + " ms (redis.retry.timeout.ms); the log says of each why");
        }
    }

    /** How large, about, what the last poll read is. */
    long readBytes() {
        return readBytes;
    }

    /** Whether the last poll took all there was. */
    boolean drained() {
        return drained;
    }

    /** Whose record it is. */
    ShardReader of(ChangeRecord record) {
        return readers.size() == 1 ? readers.get(0) : byPartition.get(record.sourcePartition());
    }

    @Override
    public void close() {
        closed = true;
        readers.forEach(ShardReader::close);
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
