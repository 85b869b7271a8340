package io.rediscdc;

import io.rediscdc.sink.RedisSinkTask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.apache.kafka.connect.source.SourceRecord;

/** A sink task that reads a list of records. What it cannot apply it gives back by the record's place. */
final class DirectSink implements AutoCloseable {

    static final TopicPartition PARTITION = new TopicPartition("direct", 0);

    private final RedisSinkTask task = new RedisSinkTask();
    private final Map<TopicPartition, Long> moved = new HashMap<>();
    private final Map<Integer, String> refused = new TreeMap<>();
    private final VersionedServer target;
    private int next;
    private String trouble = "";

    DirectSink(VersionedServer target, Map<String, String> options) {
        this.target = target;
        Map<String, String> config = new HashMap<>(options);
        config.put("name", "direct");
        config.put("topics", PARTITION.topic());
        config.put("redis.address", target.server().address());
        config.put("unsupported.policy", "dlq");
        config.put("errors.deadletterqueue.topic.name", "dead");
        config.put("errors.tolerance", "all");
        task.initialize(new Context());
        task.start(config);
        task.open(List.of(PARTITION));
        look();
    }

    /** Delivers what is new, from where the task wants to read on. */
    void take(List<SourceRecord> topic) {
        List<SinkRecord> records = IntStream.range(next, topic.size())
                .mapToObj(i -> record(topic.get(i), i))
                .toList();
        try {
            task.put(records);
            next = topic.size();
            task.put(List.of());
            trouble = "";
        } catch (RetriableException e) {
            trouble = e.getMessage(); // again next time
        }
        look();
    }

    /** Whether it has applied everything up to there, and all expire times are as they should be. */
    boolean isSettled(long replicationOffset) {
        String key = "__redis-cdc:checkpoint:{direct}:direct:0";
        Object position = target.client().call("HGET", key, "pos:0");
        return position != null
                && Long.parseLong(RedisClientOf.textOf(position).split(":", -1)[1]) >= replicationOffset
                && target.client().text("HGET", key, "ttl").equals("exact");
    }

    /** How it stands, for messages. */
    @Override
    public String toString() {
        return target + ": " + target.client().text("HGETALL", "__redis-cdc:checkpoint:{direct}:direct:0") + " "
                + trouble;
    }

    /** The records of which something was left out, and why. */
    Map<Integer, String> refused() {
        return refused;
    }

    VersionedServer target() {
        return target;
    }

    private void look() {
        Long wanted = moved.remove(PARTITION);
        if (wanted != null) {
            next = Math.toIntExact(wanted);
        }
    }

    private static SinkRecord record(SourceRecord record, int offset) {
        return new SinkRecord(
                PARTITION.topic(),
                PARTITION.partition(),
                record.keySchema(),
                record.key(),
                record.valueSchema(),
                record.value(),
                offset);
    }

    @Override
    public void close() {
        task.stop();
    }

    private final class Context implements SinkTaskContext {

        @Override
        public Map<String, String> configs() {
            return Map.of();
        }

        @Override
        public void offset(Map<TopicPartition, Long> offsets) {
            moved.putAll(offsets);
        }

        @Override
        public void offset(TopicPartition partition, long offset) {
            moved.put(partition, offset);
        }

        @Override
        public void timeout(long ms) {}

        @Override
        public Set<TopicPartition> assignment() {
            return Set.of(PARTITION);
        }

        @Override
        public void pause(TopicPartition... partitions) {}

        @Override
        public void resume(TopicPartition... partitions) {}

        @Override
        public void requestCommit() {}

        @Override
        public ErrantRecordReporter errantRecordReporter() {
            return (record, error) -> {
                refused.put(Math.toIntExact(record.kafkaOffset()), error.getMessage());
                return CompletableFuture.completedFuture(null);
            };
        }

        @Override
        public PluginMetrics pluginMetrics() {
            throw new UnsupportedOperationException("a worker without metrics");
        }
    }
}
