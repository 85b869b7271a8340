package io.rediscdc.sink;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.MetricValueProvider;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.Sensor;

/** Keeps the gauges that a task shows, by name. */
final class FakeMetrics implements PluginMetrics {

    private final Map<String, Gauge<?>> gauges = new ConcurrentHashMap<>();

    /** What a gauge says now. */
    long value(String name) {
        return (Long) gauges.get(name).value(new MetricConfig(), System.currentTimeMillis());
    }

    @Override
    @SuppressWarnings("NonApiType") // Kafka's signature
    public MetricName metricName(String name, String description, LinkedHashMap<String, String> tags) {
        return new MetricName(name, "plugins", description, tags);
    }

    @Override
    public void addMetric(MetricName name, MetricValueProvider<?> value) {
        gauges.put(name.name(), (Gauge<?>) value);
    }

    @Override
    public void removeMetric(MetricName name) {
        gauges.remove(name.name());
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
