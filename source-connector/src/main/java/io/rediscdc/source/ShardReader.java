package io.rediscdc.source;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.replica.AckMode;
import io.rediscdc.source.replica.ReplicaCapture;
import io.rediscdc.source.replica.ReplicaOptions;
import io.rediscdc.source.replica.ResumePoint;
import io.rediscdc.source.replica.StateRequests;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one shard for a task: has its capture, knows where to resume, makes Connect's records of what was read, and counts.
 * Used by the polling thread, but for {@link #delivered}, {@link #dropped} and {@link #close}.
 */
final class ShardReader implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ShardReader.class);

    private final String shard;
    private final Map<String, String> partition;
    private final ReplicaCapture capture;
    private final RecordFactory records;
    private final Deliveries deliveries;
    private final SourceMetrics metrics;
    private Map<String, Object> resumeOffset;
    private long readBytes;
    private volatile boolean loss;

    /**
     * Attaches to nothing yet.
     *
     * @param options with the shard's name
     * @param cluster that it is part of, null for none
     * @throws RedisCdcException CONFIG if the stored offset makes no sense, or the spool's directory cannot be used
     */
    ShardReader(
            SourceConfig config,
            ReplicaOptions options,
            ClusterShards cluster,
            StateRequests requests,
            SourceTaskContext context) {
        shard = options.shard();
        partition = SourceOffset.partition(config.sourceName(), shard);
        ResumePoint from = resumePoint(context.offsetStorageReader().offset(partition), config.partitions());
        LOG.info(
                "Reading shard {} of {} from {}, from {} on",
                shard,
                config.sourceName(),
                config.connection().server(),
                from);
        records = new RecordFactory(config.codec(), config.topic(), partition, config.headersEnabled());
        resumeOffset = SourceOffset.write(from);
        capture = cluster == null
                ? new ReplicaCapture(options, from, requests)
                : new ReplicaCapture(options, cluster, from, requests);
        deliveries = config.ackMode() == AckMode.COMMITTED ? new Deliveries(capture::committed) : null;
        metrics = SourceMetrics.shown(context, shard, capture.status());
    }

    private static ResumePoint resumePoint(Map<String, Object> offset, int partitions) {
        if (offset == null) {
            return ResumePoint.start(partitions);
        }
        ResumePoint point = SourceOffset.read(offset);
        if (point.last().size() != partitions) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the stored offset is of a topic with " + point.last().size()
                            + " partitions, and topic.partitions is " + partitions
                            + ": slots would move between partitions. Set it back, or begin anew: another topic, and"
                            + " reset the connector's offsets");
        }
        return point;
    }

    /** The source partition of its records. */
    Map<String, String> partition() {
        return partition;
    }

    /**
     * Reads.
     *
     * @param gatherUntilNanos as in {@link ReplicaCapture#read}
     * @return empty for nothing
     * @throws RedisCdcException as {@link ReplicaCapture#read}
     */
    List<SourceRecord> poll(int max, long waitMs, long gatherUntilNanos) {
        metrics.retry();
        readBytes = 0;
        List<Change> changes = new ArrayList<>(waitMs == 0 ? 16 : max);
        capture.read(changes, max, waitMs, gatherUntilNanos);
        if (changes.isEmpty()) {
            return List.of();
        }
        readBytes = capture.readBytes();
        Map<String, Object> before = resumeOffset;
        ResumePoint point = capture.resumePoint();
        resumeOffset = SourceOffset.write(point);
        Deliveries.Batch delivery = deliveries == null ? null : deliveries.open(point, changes.size());
        List<SourceRecord> batch = records.records(changes, before, resumeOffset, delivery);
        metrics.handedOut(
                batch.size(), changes.get(changes.size() - 1).stamp().position().offset());
        return batch;
    }

    /** How large, about, what the last poll read is. */
    long readBytes() {
        return readBytes;
    }

    /** Whether the last poll took all there was. */
    boolean drained() {
        return capture.drained();
    }

    /** For how long there has been nobody to read from, in ms; 0 if there is. */
    long detachedMs() {
        return capture.status().detachedMs();
    }

    /** Kafka has a record. */
    void delivered(ChangeRecord record) {
        metrics.acknowledged(record.replicationOffset());
        if (record.batch() != null) {
            deliveries.delivered(record.batch());
        }
    }

    /** A record will not come to Kafka. */
    void dropped(ChangeRecord record) {
        if (record.batch() != null && !loss) {
            loss = true;
            LOG.warn(
                    "A record of shard {} was dropped on its way to Kafka; the source is told of no write after it as"
                            + " committed",
                    shard);
        }
    }

    @Override
    public void close() {
        capture.close();
    }
}
