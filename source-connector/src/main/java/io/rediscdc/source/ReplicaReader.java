package io.rediscdc.source;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.replica.AckMode;
import io.rediscdc.source.replica.ReplicaCapture;
import io.rediscdc.source.replica.ReplicaOptions;
import io.rediscdc.source.replica.ResumePoint;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a shard as a replica. */
final class ReplicaReader extends ShardReader {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaReader.class);

    private final String shard;
    private final ReplicaCapture capture;

    /** Null if the source is told nothing of it. */
    private final Deliveries deliveries;

    private final SourceMetrics metrics;
    private final boolean states;
    private volatile boolean loss;

    private ReplicaReader(
            SourceConfig config,
            Map<String, String> partition,
            String shard,
            ReplicaCapture capture,
            ResumePoint from,
            SourceTaskContext context) {
        super(config, partition, capture, SourceOffset.write(from, config.readsStates()));
        this.states = config.readsStates();
        this.shard = shard;
        this.capture = capture;
        this.deliveries = config.ackMode() == AckMode.COMMITTED ? new Deliveries(capture::committed) : null;
        this.metrics = SourceMetrics.shown(context, shard, capture.status());
    }

    /**
     * Attaches to nothing yet.
     *
     * @param options with the shard's name
     * @param cluster that it is part of, null for none
     * @throws RedisCdcException CONFIG if the stored offset makes no sense, or the spool's directory cannot be used
     */
    static ReplicaReader open(
            SourceConfig config,
            ReplicaOptions options,
            ClusterShards cluster,
            StateRequests requests,
            SourceTaskContext context) {
        Map<String, String> partition = SourceOffset.partition(config.sourceName(), options.shard());
        ResumePoint from = resumePoint(config, partition, context);
        LOG.info(
                "Reading shard {} of {} from {}, from {} on",
                options.shard(),
                config.sourceName(),
                config.connection().server(),
                from);
        ReplicaCapture capture = cluster == null
                ? new ReplicaCapture(options, from, requests)
                : new ReplicaCapture(options, cluster, from, requests);
        return new ReplicaReader(config, partition, options.shard(), capture, from, context);
    }

    /**
     * Where a shard's history goes on.
     *
     * @throws RedisCdcException CONFIG if the stored offset makes no sense
     */
    static ResumePoint resumePoint(SourceConfig config, Map<String, String> partition, SourceTaskContext context) {
        Map<String, Object> stored = context.offsetStorageReader().offset(partition);
        ResumePoint from = stored == null
                ? ResumePoint.start(config.partitions())
                : SourceOffset.readFor(stored, config.readsStates());
        SourceOffset.check(from.last(), config.partitions());
        return from;
    }

    @Override
    Map<String, Object> offset() {
        return SourceOffset.write(capture.resumePoint(), states);
    }

    @Override
    void refreshMetrics() {
        metrics.retry();
    }

    @Override
    Deliveries.Batch handsOut(List<Change> changes) {
        metrics.handedOut(
                changes.size(),
                changes.get(changes.size() - 1).stamp().position().offset());
        return deliveries == null ? null : deliveries.open(capture.resumePoint(), changes.size());
    }

    @Override
    long detachedMs() {
        return capture.status().detachedMs();
    }

    @Override
    void delivered(ChangeRecord record) {
        metrics.acknowledged(record.replicationOffset());
        if (record.batch() != null) {
            deliveries.delivered(record.batch());
        }
    }

    @Override
    void dropped(ChangeRecord record) {
        if (record.batch() != null && !loss) {
            loss = true;
            LOG.warn(
                    "A record of shard {} was dropped on its way to Kafka; the source is told of no write after it as"
                            + " committed",
                    shard);
        }
    }
}
