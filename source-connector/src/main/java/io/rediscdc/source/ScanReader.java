package io.rediscdc.source;

import io.rediscdc.model.Change;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.scan.ScanCapture;
import io.rediscdc.source.scan.ScanOptions;
import io.rediscdc.source.scan.ScanPoint;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a shard by SCAN and notifications. */
final class ScanReader extends ShardReader {

    private static final Logger LOG = LoggerFactory.getLogger(ScanReader.class);

    private final ScanCapture capture;
    private final ScanMetrics metrics;

    private ScanReader(
            SourceConfig config,
            Map<String, String> partition,
            String shard,
            ScanCapture capture,
            ScanPoint from,
            SourceTaskContext context) {
        super(config, partition, capture, ScanOffset.write(from));
        this.capture = capture;
        this.metrics = ScanMetrics.shown(context, shard, capture.status());
    }

    /**
     * Attaches to nothing yet.
     *
     * @param options with the shard's name
     * @param cluster that it is part of, null for none
     * @throws io.rediscdc.error.RedisCdcException CONFIG if the stored offset makes no sense
     */
    static ScanReader open(
            SourceConfig config,
            ScanOptions options,
            ClusterShards cluster,
            StateRequests requests,
            SourceTaskContext context) {
        Map<String, String> partition = SourceOffset.partition(config.sourceName(), options.shard());
        Map<String, Object> stored = context.offsetStorageReader().offset(partition);
        ScanPoint from = stored == null ? ScanPoint.start(config.partitions()) : ScanOffset.read(stored);
        SourceOffset.check(from.last(), config.partitions());
        LOG.info(
                "Reading shard {} of {} from {} by SCAN, from {} on",
                options.shard(),
                config.sourceName(),
                config.connection().server(),
                from);
        ScanCapture capture = new ScanCapture(options, cluster, from, requests);
        return new ScanReader(config, partition, options.shard(), capture, from, context);
    }

    @Override
    Map<String, Object> offset() {
        return ScanOffset.write(capture.point());
    }

    @Override
    void refreshMetrics() {
        metrics.retry();
    }

    @Override
    Deliveries.Batch handsOut(List<Change> changes) {
        metrics.handedOut(changes.size());
        return null;
    }

    @Override
    long detachedMs() {
        return capture.status().detachedMs();
    }

    @Override
    void delivered(ChangeRecord record) {
        // The server is told nothing.
    }

    @Override
    void dropped(ChangeRecord record) {
        // The server is told nothing.
    }
}
