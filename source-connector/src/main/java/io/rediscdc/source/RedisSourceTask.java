package io.rediscdc.source;

import io.rediscdc.Version;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.cluster.ShardNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * Publishes the histories of some shards. A poll waits at most {@value #POLL_WAIT_MS} ms, so that the task stops fast; the
 * links to the source and their retries live in the {@link io.rediscdc.source.capture.Capture}s.
 */
public final class RedisSourceTask extends SourceTask {

    static final long POLL_WAIT_MS = 500;

    private RepairRequests repairs;
    private ClusterShards cluster;
    private ShardReaders readers;
    private TransactionPacer pacer;
    private int maxRecords;

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public void start(Map<String, String> properties) {
        SourceConfig config = new SourceConfig(properties);
        maxRecords = config.pollMaxRecords();
        pacer = new TransactionPacer(
                context,
                config.transactionMaxRecords(),
                config.transactionMinIntervalMs(),
                config.transactionMaxIntervalMs(),
                config.gatheringRatePerMs());
        try {
            repairs = config.repair().isEnabled() ? new RepairRequests(config.repair(), config.topic()) : null;
            if (config.connection().cluster() != null) {
                if (config.repair().isEnabled()) {
                    TopicCheck.run(config);
                }
                cluster = new ClusterShards(
                        config.connection().cluster(),
                        ShardNames.parse(properties.get(RedisSourceConnector.CLUSTER_SHARDS)));
            }
            String[] shards = properties.get(RedisSourceConnector.SHARD).split(",", -1);
            String gone = properties.get(RedisSourceConnector.GONE_SHARDS);
            readers = new ShardReaders(readers(config, shards, gone), config.retryTimeoutMs());
            if (repairs != null) {
                repairs.start();
            }
        } catch (RedisCdcException e) {
            stop();
            throw new ConnectException(e.getMessage(), e);
        }
    }

    /** @param gone shards that there are no more, null for none; a scan says nothing of them */
    private List<ShardReader> readers(SourceConfig config, String[] shards, String gone) {
        List<ShardReader> opened = new ArrayList<>();
        try {
            for (String shard : shards) {
                StateRequests requests = repairs == null ? StateRequests.NONE : repairs.forShard();
                boolean amongOthers = shards.length > 1;
                opened.add(
                        config.scans()
                                ? ScanReader.open(config, config.scan(shard, amongOthers), cluster, requests, context)
                                : ReplicaReader.open(
                                        config, config.replica(shard, amongOthers), cluster, requests, context));
            }
            if (gone != null && !config.scans()) {
                for (String shard : gone.split(",", -1)) {
                    opened.add(GoneReader.open(config, shard, context));
                }
            }
            return opened;
        } catch (RedisCdcException e) {
            opened.forEach(ShardReader::close);
            throw e;
        }
    }

    @Override
    public List<SourceRecord> poll() {
        List<SourceRecord> batch;
        try {
            batch = readers.poll(maxRecords, POLL_WAIT_MS, pacer.gatherUntilNanos());
        } catch (RedisCdcException e) {
            throw new ConnectException(e.getMessage(), e);
        }
        if (batch.isEmpty()) {
            return pacer.commitOpen() ? List.of() : null;
        }
        pacer.add(batch, readers.readBytes(), readers.drained());
        return batch;
    }

    /**
     * Called when Kafka has acknowledged a record; with exactly-once, after its transaction has been committed
     * (ExactlyOnceWorkerSourceTask, commitTransaction). Without metadata the record was dropped: by a transformation, or
     * because it could not be sent and errors are tolerated.
     */
    @Override
    public void commitRecord(SourceRecord sent, RecordMetadata metadata) {
        if (sent instanceof ChangeRecord record) {
            ShardReader reader = readers.of(record);
            if (metadata == null) {
                reader.dropped(record);
            } else {
                reader.delivered(record);
            }
        }
    }

    @Override
    public void stop() {
        if (repairs != null) {
            repairs.close();
        }
        if (readers != null) {
            readers.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }
}
