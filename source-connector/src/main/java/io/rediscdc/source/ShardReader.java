package io.rediscdc.source;

import io.rediscdc.model.Change;
import io.rediscdc.source.capture.Capture;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Reads one shard for a task: has its capture, knows where to resume, makes Connect's records of what was read, and counts.
 * How, depends on the kind of capture. Used by the polling thread, but for {@link #delivered}, {@link #dropped} and {@link
 * #close}.
 */
abstract class ShardReader implements Closeable {

    private final Map<String, String> partition;
    private final Capture capture;
    private final RecordFactory records;
    private Map<String, Object> resumeOffset;
    private long readBytes;

    /** @param from what {@link #offset} is before anything was read */
    ShardReader(SourceConfig config, Map<String, String> partition, Capture capture, Map<String, Object> from) {
        this.partition = partition;
        this.capture = capture;
        this.records = new RecordFactory(
                config.codec(), config.topic(), partition, config.headersEnabled(), config.isCompacted());
        this.resumeOffset = from;
    }

    /** Where to go on after what has been read so far, as Connect keeps it. */
    abstract Map<String, Object> offset();

    /** Is called now and then, before a poll. */
    abstract void refreshMetrics();

    /**
     * Notes what has been read.
     *
     * @return what the records' delivery is noted in, null if nobody asks
     */
    abstract Deliveries.Batch handsOut(List<Change> changes);

    /** For how long there has been nobody to read from, in ms; 0 if there is. */
    abstract long detachedMs();

    /** Kafka has a record. */
    abstract void delivered(ChangeRecord record);

    /** A record will not come to Kafka. */
    abstract void dropped(ChangeRecord record);

    /** The source partition of its records. */
    final Map<String, String> partition() {
        return partition;
    }

    /**
     * Reads.
     *
     * @param gatherUntilNanos as in {@link Capture#read}
     * @return empty for nothing
     * @throws io.rediscdc.error.RedisCdcException as {@link Capture#read}
     */
    final List<SourceRecord> poll(int max, long waitMs, long gatherUntilNanos) {
        refreshMetrics();
        readBytes = 0;
        List<Change> changes = new ArrayList<>(waitMs == 0 ? 16 : max);
        capture.read(changes, max, waitMs, gatherUntilNanos);
        if (changes.isEmpty()) {
            return List.of();
        }
        readBytes = capture.readBytes();
        Map<String, Object> before = resumeOffset;
        resumeOffset = offset();
        return records.records(changes, before, resumeOffset, handsOut(changes));
    }

    /** How large, about, what the last poll read is. */
    final long readBytes() {
        return readBytes;
    }

    /** Whether the last poll took all there was. */
    final boolean drained() {
        return capture.drained();
    }

    @Override
    public final void close() {
        capture.close();
    }
}
