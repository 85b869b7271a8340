package io.rediscdc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.MetricValueProvider;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.Sensor;
import org.junit.jupiter.api.Test;

class TaskMetricsTest {

    private final Worker worker = new Worker();
    private final TaskMetrics former = new TaskMetrics(worker);
    private final TaskMetrics task = new TaskMetrics(worker);

    @Test
    void whatAFormerInstanceStillShowsIsShownWhenItHasEnded() {
        TaskMetrics.Group old = former.group(Map.of("shard", "0")).add("lag", "", () -> 1);
        task.group(Map.of("shard", "0")).add("lag", "", () -> 2).add("records", "", () -> 3);
        assertThat(worker.value("lag")).isEqualTo(1);
        assertThat(worker.value("records")).isEqualTo(3);
        task.retry();
        assertThat(worker.value("lag")).isEqualTo(1);
        old.close();
        await().untilAsserted(() -> {
            task.retry();
            assertThat(worker.gauges).hasSize(2);
        });
        assertThat(worker.value("lag")).isEqualTo(2);
    }

    @Test
    void whatIsTakenBackMeanwhileIsNotShown() throws InterruptedException {
        TaskMetrics.Group old = former.group(Map.of("shard", "0")).add("lag", "", () -> 1);
        TaskMetrics.Group taken = task.group(Map.of("shard", "0")).add("lag", "", () -> 2);
        taken.close();
        assertThat(worker.value("lag")).isEqualTo(1);
        old.close();
        Thread.sleep(1_100);
        task.retry();
        assertThat(worker.gauges).isEmpty();
    }

    /** As Kafka's: a name can be there once, whoever's it is. */
    private static final class Worker implements PluginMetrics {

        private final Map<MetricName, Gauge<?>> gauges = new HashMap<>();

        long value(String name) {
            return (Long) gauges.get(metricName(name, "", new LinkedHashMap<>(Map.of("shard", "0"))))
                    .value(new MetricConfig(), 0);
        }

        @Override
        @SuppressWarnings("NonApiType") // Kafka's signature
        public MetricName metricName(String name, String description, LinkedHashMap<String, String> tags) {
            return new MetricName(name, "plugins", description, tags);
        }

        @Override
        public void addMetric(MetricName name, MetricValueProvider<?> value) {
            if (gauges.putIfAbsent(name, (Gauge<?>) value) != null) {
                throw new IllegalArgumentException("A metric named '" + name + "' already exists");
            }
        }

        @Override
        public void removeMetric(MetricName name) {
            gauges.remove(name);
        }

        @Override
        public Sensor addSensor(String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void removeSensor(String name) {
            throw new UnsupportedOperationException();
        }
    }
}
