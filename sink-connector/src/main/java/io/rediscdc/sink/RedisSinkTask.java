package io.rediscdc.sink;

import io.rediscdc.Version;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.metrics.TaskMetrics;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.TargetServer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays the history of its partitions into the target: each partition by a {@link HistoryWriter} of its own.
 *
 * <p>put() returns when everything has been sent; the replies to the last batch are looked at by the next put(), which
 * is called soon even if no records come. Offsets are reported only for what the target has confirmed.
 */
public final class RedisSinkTask extends SinkTask {

    private static final Logger log = LoggerFactory.getLogger(RedisSinkTask.class);

    private static final long RETRY_MS = 500;
    private static final long LOOK_AT_REPLIES_MS = 5;
    private static final long LOOK_AFTER_REPAIRS_MS = 1_000;

    /** How often the log says that nothing goes on. */
    private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Map<TopicPartition, HistoryWriter> writers = new HashMap<>();
    private final ChangeCodec codec = new ChangeCodec();

    private final Map<TopicPartition, TaskMetrics.Group> shown = new HashMap<>();

    private SinkConfig config;
    private DatabaseMap databases;
    private TaskMetrics metrics;
    private TargetServer target;

    /** Null where the target is none. */
    private ClusterTarget cluster;

    private RepairChannel repairs;
    private ErrantRecordReporter reporter;
    private Silence silence;
    private boolean inTrouble;
    private long troubleSince;
    private long toldAt;

    // Records come in runs of one partition.
    private TopicPartition lastPartition = new TopicPartition("", 0);

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new SinkConfig(props);
        databases = config.databases();
        target = new TargetServer(config.connection());
        target.watchMaster();
        cluster = config.connection().cluster() == null ? null : new ClusterTarget(config.connection(), target);
        metrics = TaskMetrics.of(context);
        silence = new Silence(System::nanoTime);
        repairs = config.repair().isEnabled() ? new RepairChannel(config.repair(), databases) : null;
        reporter = config.unsupportedPolicy() == UnsupportedPolicy.DLQ ? deadLetterQueue() : null;
    }

    /** Moves the consumer of each partition to its checkpoint. A target that cannot be reached is tried again in put(). */
    @Override
    public void open(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            HistoryWriter writer = newWriter(partition);
            writers.put(partition, writer);
            shown.put(
                    partition,
                    writer.metrics()
                            .show(metrics, partition)
                            .add(
                                    "master-changes-total",
                                    "Other masters that Sentinel has named",
                                    target::masterChanges));
            try {
                writer.open();
            } catch (RedisCdcException e) {
                if (!e.isRetriable()) {
                    throw e;
                }
                noteTrouble(e);
                context.timeout(RETRY_MS);
            }
        }
    }

    private HistoryWriter newWriter(TopicPartition partition) {
        DeadLetters letters = reporter == null ? null : new DeadLetters(reporter);
        LongConsumer seek = offset -> context.offset(partition, offset);
        return cluster == null
                ? new PartitionWriter(partition, config, target, repairs, letters, seek)
                : new ClusterWriter(partition, config, cluster, repairs, letters, seek);
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        metrics.retry();
        writers.values().forEach(HistoryWriter::startOfPut);
        listen(records);
        RedisCdcException trouble = null;
        for (SinkRecord record : records) {
            HistoryWriter writer = writerOf(record);
            try {
                writer.write(decode(record));
            } catch (RedisCdcException e) {
                trouble = retriable(e);
                break;
            }
        }
        boolean busy = false;
        boolean waiting = false;
        for (HistoryWriter writer : writers.values()) {
            try {
                writer.flush();
            } catch (RedisCdcException e) {
                trouble = retriable(e);
            }
            busy |= writer.isBusy();
            waiting |= writer.isWaiting();
        }
        if (trouble != null) {
            tryAgain(records, trouble);
        } else {
            inTrouble = false;
            if (busy) {
                context.timeout(LOOK_AT_REPLIES_MS);
            } else if (waiting) {
                context.timeout(LOOK_AFTER_REPAIRS_MS);
            }
        }
    }

    private void listen(Collection<SinkRecord> records) {
        if (records.isEmpty() && !writers.isEmpty()) {
            silence.goesOn();
        } else if (!records.isEmpty()) {
            silence.broken();
        }
    }

    /** Only what the target has confirmed, whatever has been delivered. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> delivered) {
        Map<TopicPartition, OffsetAndMetadata> confirmed = new HashMap<>();
        writers.forEach((partition, writer) -> {
            long offset = writer.confirmed();
            if (offset >= 0) {
                confirmed.put(partition, new OffsetAndMetadata(offset));
            }
        });
        return confirmed;
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            HistoryWriter writer = writers.remove(partition);
            if (writer != null) {
                writer.close();
                shown.remove(partition).close();
            }
        }
    }

    @Override
    public void stop() {
        writers.values().forEach(HistoryWriter::close);
        writers.clear();
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
        if (target != null) {
            target.close();
            target = null;
        }
        if (repairs != null) {
            repairs.close();
            repairs = null;
        }
    }

    private Delivery decode(SinkRecord record) {
        TopicPartition partition = partitionOf(record);
        Change change;
        try {
            change = record.value() == null
                    ? codec.tombstone(record.key(), record.headers(), record.timestamp())
                    : codec.change(record.key(), record.value());
        } catch (RedisCdcException e) {
            throw new RedisCdcException(
                    e.category(), "the record at " + partition + "@" + record.kafkaOffset() + ": " + e.getMessage(), e);
        }
        if (change.op() == Op.HEARTBEAT) {
            silence.beat();
        }
        return new Delivery(
                partition, record.kafkaOffset(), databases.change(change), reporter == null ? null : record);
    }

    private ErrantRecordReporter deadLetterQueue() {
        ErrantRecordReporter found = context.errantRecordReporter();
        if (found == null) {
            throw new ConfigException(SinkConfig.DLQ_IS_MISSING);
        }
        return found;
    }

    private HistoryWriter writerOf(SinkRecord record) {
        HistoryWriter writer = writers.get(partitionOf(record));
        if (writer == null) {
            throw new IllegalStateException("a record of " + lastPartition + ", which was not opened");
        }
        return writer;
    }

    private TopicPartition partitionOf(SinkRecord record) {
        int number = record.originalKafkaPartition();
        if (number != lastPartition.partition() || !record.originalTopic().equals(lastPartition.topic())) {
            lastPartition = new TopicPartition(record.originalTopic(), number);
        }
        return lastPartition;
    }

    private static RedisCdcException retriable(RedisCdcException e) {
        if (!e.isRetriable()) {
            throw e;
        }
        return e;
    }

    /**
     * Has the records delivered again: those that were taken are known by their positions then. If a writer has moved
     * its consumer, what the framework holds of its partition is not what comes next, so then all are moved.
     */
    private void tryAgain(Collection<SinkRecord> records, RedisCdcException trouble) {
        noteTrouble(trouble);
        context.timeout(RETRY_MS);
        if (writers.values().stream().noneMatch(HistoryWriter::isRepositioned)) {
            throw new RetriableException(trouble.getMessage(), trouble);
        }
        for (SinkRecord record : records) {
            writerOf(record).deliverAgainFrom(record.originalKafkaOffset());
        }
    }

    private void noteTrouble(RedisCdcException e) {
        long now = System.nanoTime();
        if (!inTrouble) {
            log.warn("{}; trying again every {} ms", e.getMessage(), RETRY_MS);
            inTrouble = true;
            troubleSince = now;
            toldAt = now;
        } else if (now - toldAt >= TELL_NANOS) {
            log.warn(
                    "For {} s now, trying again every {} ms: {}",
                    TimeUnit.NANOSECONDS.toSeconds(now - troubleSince),
                    RETRY_MS,
                    e.getMessage());
            toldAt = now;
        }
    }
}
