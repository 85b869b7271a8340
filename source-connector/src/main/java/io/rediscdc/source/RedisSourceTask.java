package io.rediscdc.source;

import io.rediscdc.Version;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.source.replica.AckMode;
import io.rediscdc.source.replica.ReplicaCapture;
import io.rediscdc.source.replica.ResumePoint;
import io.rediscdc.source.replica.StateRequests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes one shard's history. A poll waits at most {@value #POLL_WAIT_MS} ms, so that the task stops fast; the link to the
 * source and its retries live in {@link ReplicaCapture}.
 */
public final class RedisSourceTask extends SourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(RedisSourceTask.class);
    static final long POLL_WAIT_MS = 500;
    private static final int PARTITIONS = 1;

    private RepairRequests repairs;
    private ReplicaCapture capture;
    private RecordFactory records;
    private TransactionPacer pacer;
    private Map<String, Object> resumeOffset;
    private Deliveries deliveries;
    private SourceMetrics metrics;
    private volatile boolean loss;
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
        ResumePoint from = resumePoint(partition);
        LOG.info(
                "Reading shard {} of {} from {}, from {} on",
                shard,
                config.sourceName(),
                config.connection().server(),
                from);
        maxRecords = config.pollMaxRecords();
        records = new RecordFactory(config.codec(), config.topic(), partition, config.headersEnabled());
        pacer = new TransactionPacer(context, config.transactionMaxRecords(), config.transactionMinIntervalMs());
        resumeOffset = SourceOffset.write(from);
        try {
            repairs = config.repair().isEnabled() ? new RepairRequests(config.repair(), config.topic()) : null;
            capture = new ReplicaCapture(config.replica(shard), from, repairs == null ? StateRequests.NONE : repairs);
            if (repairs != null) {
                repairs.start();
            }
            deliveries = config.ackMode() == AckMode.COMMITTED ? new Deliveries(capture::committed) : null;
            metrics = SourceMetrics.shown(context, shard, capture.status());
        } catch (RedisCdcException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    @Override
    public List<SourceRecord> poll() {
        metrics.retry();
        List<Change> changes = new ArrayList<>(maxRecords);
        try {
            capture.read(changes, maxRecords, POLL_WAIT_MS, pacer.gatherUntilNanos());
        } catch (RedisCdcException e) {
            throw new ConnectException(e.getMessage(), e);
        }
        if (changes.isEmpty()) {
            return pacer.commitOpen() ? List.of() : null;
        }
        Map<String, Object> before = resumeOffset;
        ResumePoint point = capture.resumePoint();
        resumeOffset = SourceOffset.write(point);
        Deliveries.Batch delivery = deliveries == null ? null : deliveries.open(point, changes.size());
        List<SourceRecord> batch = records.records(changes, before, resumeOffset, delivery);
        pacer.add(batch, capture.readBytes(), capture.drained());
        metrics.handedOut(
                batch.size(), changes.get(changes.size() - 1).stamp().position().offset());
        return batch;
    }

    /**
     * Called when Kafka has acknowledged a record; with exactly-once, after its transaction has been committed
     * (ExactlyOnceWorkerSourceTask, commitTransaction). Without metadata the record was dropped: by a transformation, or
     * because it could not be sent and errors are tolerated.
     */
    @Override
    public void commitRecord(SourceRecord sent, RecordMetadata metadata) {
        if (!(sent instanceof ChangeRecord record)) {
            return;
        }
        if (metadata != null) {
            metrics.acknowledged(record.replicationOffset());
        }
        if (record.batch() == null) {
            return;
        }
        if (metadata != null) {
            deliveries.delivered(record.batch());
        } else if (!loss) {
            loss = true;
            LOG.warn("A record was dropped on its way to Kafka; the source is told of no write after it as committed");
        }
    }

    @Override
    public void stop() {
        if (repairs != null) {
            repairs.close();
        }
        if (capture != null) {
            capture.close();
        }
    }

    private ResumePoint resumePoint(Map<String, String> partition) {
        Map<String, Object> offset = context.offsetStorageReader().offset(partition);
        if (offset == null) {
            return ResumePoint.start(PARTITIONS);
        }
        try {
            return SourceOffset.read(offset);
        } catch (RedisCdcException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }
}
