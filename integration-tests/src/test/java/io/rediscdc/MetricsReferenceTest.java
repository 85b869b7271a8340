package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.sink.RedisSinkTask;
import io.rediscdc.source.RedisSourceTask;
import io.rediscdc.standalone.process.LocalPorts;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.MetricValueProvider;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.Test;

/** docs/metrics.md names what the tasks show, and nothing else. */
class MetricsReferenceTest {

    private static final Path REFERENCE = Path.of("../docs/metrics.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z-]+)` \\|");
    private static final TopicPartition PARTITION = new TopicPartition("changes", 0);

    /** Keeps what it is given. */
    private static final class Shown implements PluginMetrics {

        final Map<MetricName, MetricValueProvider<?>> metrics = new LinkedHashMap<>();

        @Override
        @SuppressWarnings("NonApiType") // Kafka's signature
        public MetricName metricName(String name, String description, LinkedHashMap<String, String> tags) {
            return new MetricName(name, "plugins", description, tags);
        }

        @Override
        public void addMetric(MetricName name, MetricValueProvider<?> value) {
            assertThat(metrics.put(name, value)).as(name.name()).isNull();
        }

        @Override
        public void removeMetric(MetricName name) {
            assertThat(metrics.remove(name)).as(name.name()).isNotNull();
        }

        @Override
        public Sensor addSensor(String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void removeSensor(String name) {
            throw new UnsupportedOperationException();
        }

        Set<String> names() {
            Set<String> names = new LinkedHashSet<>();
            metrics.keySet().forEach(name -> names.add(name.name()));
            return names;
        }
    }

    private final Shown shown = new Shown();

    @Test
    void theSourcesMetricsAreDocumented() throws IOException {
        RedisSourceTask task = sourceTask(shown);

        assertThat(shown.names()).containsExactlyElementsOf(documented("Source"));
        assertThat(shown.metrics.keySet())
                .allSatisfy(name -> assertThat(name.tags()).isEqualTo(Map.of("shard", "0")));
        assertAllHaveValues();
        task.stop();
    }

    @Test
    void theMetricsOfASourceByScanAreDocumented() throws IOException {
        RedisSourceTask task = new RedisSourceTask();
        task.initialize(context(SourceTaskContext.class, shown));
        task.start(Map.of("topic.prefix", "p", "redis.address", nobody(), "capture.mode", "scan", "shard", "0"));

        assertThat(shown.names()).containsExactlyElementsOf(documented("Source by SCAN"));
        assertAllHaveValues();
        task.stop();
    }

    @Test
    void theSinksMetricsAreDocumentedAndGoWithTheirPartition() throws IOException {
        RedisSinkTask task = new RedisSinkTask();
        task.initialize(context(SinkTaskContext.class, shown));
        task.start(Map.of("name", "n", "topics", "changes", "redis.address", nobody()));
        task.open(List.of(PARTITION));

        assertThat(shown.names()).containsExactlyElementsOf(documented("Sink"));
        assertThat(shown.metrics.keySet())
                .allSatisfy(name -> assertThat(name.tags()).isEqualTo(Map.of("topic", "changes", "partition", "0")));
        assertAllHaveValues();

        task.close(List.of(PARTITION));
        assertThat(shown.metrics).isEmpty();
        task.open(List.of(PARTITION));
        assertThat(shown.names()).containsExactlyElementsOf(documented("Sink"));
        task.stop();
    }

    @Test
    void aWorkerWithoutMetricsOfPluginsRunsTheTasksAllTheSame() {
        sourceTask(null).stop();
        RedisSinkTask task = new RedisSinkTask();
        task.initialize(context(SinkTaskContext.class, null));
        task.start(Map.of("name", "n", "topics", "changes", "redis.address", nobody()));
        task.open(List.of(PARTITION));
        task.close(List.of(PARTITION));
        task.put(List.of());
        task.stop();
    }

    private static RedisSourceTask sourceTask(PluginMetrics metrics) {
        RedisSourceTask task = new RedisSourceTask();
        task.initialize(context(SourceTaskContext.class, metrics));
        task.start(Map.of("topic.prefix", "p", "redis.address", nobody(), "shard", "0"));
        return task;
    }

    /** A context whose methods say nothing, on a worker that knows metrics or, given null, does not. */
    private static <T> T context(Class<T> type, PluginMetrics metrics) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            return switch (method.getName()) {
                case "pluginMetrics" -> {
                    if (metrics == null) {
                        throw new NoSuchMethodError("pluginMetrics");
                    }
                    yield metrics;
                }
                case "offsetStorageReader" -> context(OffsetStorageReader.class, metrics);
                default -> null;
            };
        }));
    }

    private void assertAllHaveValues() {
        assertThat(shown.metrics.values())
                .allSatisfy(metric -> assertThat(((Gauge<?>) metric).value(new MetricConfig(), 0L))
                        .isInstanceOf(Long.class));
    }

    private static String nobody() {
        return "127.0.0.1:" + LocalPorts.free();
    }

    private static Set<String> documented(String section) throws IOException {
        String text = Files.readString(REFERENCE);
        int start = text.indexOf("\n## " + section + "\n");
        int end = text.indexOf("\n## ", start + 1);
        Set<String> names = new LinkedHashSet<>();
        Matcher row = ROW.matcher(text.substring(start, end));
        while (row.find()) {
            names.add(row.group(1));
        }
        return names;
    }
}
