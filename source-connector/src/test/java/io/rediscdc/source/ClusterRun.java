package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.cluster.ClusterOptions;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.testing.RedisCluster;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/** Reads a cluster as Connect would, without Kafka: every record counts as stored when it is polled. */
final class ClusterRun implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(40);

    /** A change, and the partition it was for. */
    record Published(int partition, Change change) {}

    private final Map<String, String> properties = new HashMap<>();
    private final Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
    private final Map<String, Position> last = new HashMap<>();
    private final List<Published> published = new ArrayList<>();
    private final List<RedisSourceTask> tasks = new ArrayList<>();
    private final AtomicInteger reassignments = new AtomicInteger();
    private final RedisCluster cluster;
    private ShardAssignment assignment;

    ClusterRun(RedisCluster cluster, int partitions) {
        this.cluster = cluster;
        properties.put("redis.cluster.nodes", cluster.seeds());
        properties.put("topic.prefix", "shop");
        properties.put("topic.partitions", Integer.toString(partitions));
        properties.put("heartbeat.interval.ms", "500");
        properties.put("transaction.min.interval.ms", "5");
    }

    /** Sets another option; before {@link #start}. */
    ClusterRun with(String option, String value) {
        properties.put(option, value);
        return this;
    }

    /** Starts a connector and its tasks, and returns the shards of each. */
    List<String> start(int maxTasks) {
        assignment = new ShardAssignment(
                "shop",
                new ClusterOptions(
                        new SourceConfig(properties).connection().cluster().seeds(), null, null, 2_000),
                new Offsets(),
                reassignments::incrementAndGet);
        return startTasks(maxTasks);
    }

    List<String> startTasks(int maxTasks) {
        List<Map<String, String>> configs = assignment.taskConfigs(maxTasks);
        for (Map<String, String> own : configs) {
            Map<String, String> all = new HashMap<>(properties);
            all.putAll(own);
            RedisSourceTask task = new RedisSourceTask();
            task.initialize(new Context(new Offsets()));
            task.start(all);
            tasks.add(task);
        }
        return configs.stream()
                .map(config -> config.get(RedisSourceConnector.SHARD))
                .toList();
    }

    int reassignments() {
        return reassignments.get();
    }

    void stopTasks() {
        tasks.forEach(RedisSourceTask::stop);
        tasks.clear();
    }

    void stop() {
        stopTasks();
        assignment.close();
    }

    /** Reads on until it is so. */
    void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start)
                    .as(() -> "ns it took; came " + came())
                    .isLessThan(PATIENCE_NANOS);
            poll();
        }
    }

    /** How many of which operation came of each shard. */
    private Map<String, Long> came() {
        return published.stream()
                .map(Published::change)
                .collect(Collectors.groupingBy(
                        change -> change.stamp().origin().shard() + "@"
                                + change.stamp().origin().node() + " " + change.op(),
                        TreeMap::new,
                        Collectors.counting()));
    }

    private void poll() {
        for (RedisSourceTask task : tasks) {
            List<SourceRecord> records = task.poll();
            if (records != null) {
                records.forEach(this::publish);
            }
        }
    }

    private void publish(SourceRecord record) {
        offsets.put(record.sourcePartition(), record.sourceOffset());
        Change change = new ChangeCodec().change(record.key(), record.value());
        String chain = change.stamp().origin().shard() + "@" + record.kafkaPartition();
        assertThat(change.stamp().prev())
                .as("link of %s in %s", change.op(), chain)
                .isEqualTo(last.getOrDefault(chain, Position.NONE));
        assertThat(record.sourcePartition().get("shard"))
                .isEqualTo(change.stamp().origin().shard());
        last.put(chain, change.stamp().position());
        published.add(new Published(record.kafkaPartition(), change));
    }

    Stream<Published> published(Op op) {
        return published.stream().filter(one -> one.change().op() == op);
    }

    /** How often a command of that name came for a key. */
    long count(String command, String key) {
        return published(Op.COMMAND)
                .filter(one -> text(one.change().command().args()[0]).equals(command)
                        && text(one.change().key().key()).equals(key))
                .count();
    }

    /** What was said of a key, of its pieces only the last. */
    List<Change> states(String key) {
        return published.stream()
                .map(Published::change)
                .filter(change -> change.op() == Op.DEL
                        || (change.op() == Op.SET && change.state().isComplete()))
                .filter(change -> text(change.key().key()).equals(key))
                .toList();
    }

    /** Reads on for so many polls of each task. */
    void rounds(int polls) {
        for (int i = 0; i < polls; i++) {
            poll();
        }
    }

    /** Executes a command where its key is now; a node that is away, or no longer has it, is asked again. */
    void call(String... command) throws InterruptedException {
        long start = System.nanoTime();
        while (cluster.call(command).isFailure()) {
            assertThat(System.nanoTime() - start).isLessThan(PATIENCE_NANOS);
            Thread.sleep(20);
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        stop();
    }

    private final class Offsets implements OffsetStorageReader {

        @Override
        @SuppressWarnings("unchecked") // The reader promises what was stored, whatever that is.
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            return (Map<String, Object>) offsets.get(partition);
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
            partitions.forEach(partition -> found.put(partition, offset(partition)));
            return found;
        }
    }

    private record Context(OffsetStorageReader offsetStorageReader) implements SourceTaskContext {

        @Override
        public Map<String, String> configs() {
            return Map.of();
        }

        @Override
        public TransactionContext transactionContext() {
            return null;
        }

        @Override
        public PluginMetrics pluginMetrics() {
            throw new UnsupportedOperationException("there is no worker");
        }
    }
}
