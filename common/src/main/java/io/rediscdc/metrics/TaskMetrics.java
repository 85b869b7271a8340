package io.rediscdc.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a task's numbers where the worker shows its own (KIP-877): over JMX as
 * {@code kafka.connect:type=plugins,connector=<name>,task=<n>,<tags>}, and in whatever metrics reporters it has. Workers
 * before Kafka 4.1 have no place for them; there nothing is shown, and all else works.
 *
 * <p>A number is asked for when somebody looks, by any thread.
 */
public final class TaskMetrics {

    private static final Logger LOG = LoggerFactory.getLogger(TaskMetrics.class);

    /** Null where the worker has none. */
    private final PluginMetrics metrics;

    private TaskMetrics(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    public static TaskMetrics of(SourceTaskContext context) {
        try {
            return new TaskMetrics(context.pluginMetrics());
        } catch (NoSuchMethodError | NoClassDefFoundError | UnsupportedOperationException e) {
            return none(e);
        }
    }

    public static TaskMetrics of(SinkTaskContext context) {
        try {
            return new TaskMetrics(context.pluginMetrics());
        } catch (NoSuchMethodError | NoClassDefFoundError | UnsupportedOperationException e) {
            return none(e);
        }
    }

    private static TaskMetrics none(Throwable why) {
        LOG.info("This worker has no metrics of plugins (Kafka 4.1 and later do); ours are not shown");
        LOG.debug("No metrics of plugins", why);
        return new TaskMetrics(null);
    }

    /**
     * Numbers of one thing, none yet.
     *
     * @param tags name it, in this order
     */
    public Group group(Map<String, String> tags) {
        return new Group(tags);
    }

    /** Numbers that come and go together. One thread at a time. */
    public final class Group implements AutoCloseable {

        private final LinkedHashMap<String, String> tags;
        private final List<MetricName> names = new ArrayList<>();

        private Group(Map<String, String> tags) {
            this.tags = new LinkedHashMap<>(tags);
        }

        /**
         * Shows a number.
         *
         * @param name with its unit at the end, {@code -total} for what only grows while the task runs
         */
        public Group add(String name, String description, LongSupplier value) {
            if (metrics != null) {
                MetricName full = metrics.metricName(name, description, tags);
                Gauge<Long> gauge = (config, nowMs) -> value.getAsLong();
                metrics.addMetric(full, gauge);
                names.add(full);
            }
            return this;
        }

        /** As 1 or 0. */
        public Group addFlag(String name, String description, BooleanSupplier value) {
            return add(name, description, () -> value.getAsBoolean() ? 1 : 0);
        }

        /** Takes them back; the second time it does nothing. */
        @Override
        public void close() {
            names.forEach(name -> metrics.removeMetric(name));
            names.clear();
        }
    }
}
