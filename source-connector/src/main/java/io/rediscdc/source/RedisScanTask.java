package io.rediscdc.source;

import io.rediscdc.Version;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.Position;
import io.rediscdc.source.scan.ScanCapture;
import io.rediscdc.source.scan.ScanPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the states of one shard's keys, as SCAN and notifications find them. As fast to stop as {@link RedisSourceTask}. */
public final class RedisScanTask extends SourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(RedisScanTask.class);

    private ScanCapture capture;
    private RecordFactory records;
    private TransactionPacer pacer;
    private ScanMetrics metrics;
    private Map<String, Object> resumeOffset;
    private int maxRecords;

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public void start(Map<String, String> properties) {
        SourceConfig config = new SourceConfig(properties);
        String shard = properties.get(RedisSourceConnector.SHARD);
        Map<String, String> partition = SourceOffset.partition(config.sourceName(), shard);
        try {
            ScanPoint from = point(context.offsetStorageReader().offset(partition));
            LOG.info(
                    "Reading shard {} of {} from {} by SCAN, from {} on",
                    shard,
                    config.sourceName(),
                    config.connection().server(),
                    from);
            maxRecords = config.pollMaxRecords();
            records = new RecordFactory(config.codec(), config.topic(), partition, config.headersEnabled());
            pacer = new TransactionPacer(context, config.transactionMaxRecords(), config.transactionMinIntervalMs());
            resumeOffset = ScanOffset.write(from);
            capture = new ScanCapture(config.scan(shard), from);
            metrics = ScanMetrics.shown(context, shard, capture.status());
        } catch (RedisCdcException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    @Override
    public List<SourceRecord> poll() {
        metrics.retry();
        List<Change> changes = new ArrayList<>();
        try {
            capture.read(changes, maxRecords, RedisSourceTask.POLL_WAIT_MS, pacer.gatherUntilNanos());
        } catch (RedisCdcException e) {
            throw new ConnectException(e.getMessage(), e);
        }
        if (changes.isEmpty()) {
            return pacer.commitOpen() ? List.of() : null;
        }
        Map<String, Object> before = resumeOffset;
        resumeOffset = ScanOffset.write(capture.point());
        List<SourceRecord> batch = records.records(changes, before, resumeOffset, null);
        pacer.add(batch, capture.readBytes(), capture.drained());
        metrics.handedOut(batch.size());
        return batch;
    }

    @Override
    public void stop() {
        if (capture != null) {
            capture.close();
        }
    }

    private static ScanPoint point(Map<String, Object> offset) {
        return offset == null ? ScanPoint.start(0, Position.NONE) : ScanOffset.read(offset);
    }
}
