package io.rediscdc.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
 *
 * <p>A worker that stood still and gets a task back which it had can still have the task's former instance, with all its
 * names. The new one must not fail over that: its numbers are shown as soon as the other's are gone ({@link #retry}).
 */
public final class TaskMetrics {

    private static final Logger LOG = LoggerFactory.getLogger(TaskMetrics.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Null where the worker has none. */
    private final PluginMetrics metrics;

    /** Groups of which not all could be shown. */
    private final Set<Group> waiting = new LinkedHashSet<>();

    private long nextTry;

    /** @param metrics null for none */
    TaskMetrics(PluginMetrics metrics) {
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

    /** To be called now and then: shows what could not be shown when it was added. */
    public void retry() {
        if (waiting.isEmpty() || System.nanoTime() - nextTry < 0) {
            return;
        }
        nextTry = System.nanoTime() + RETRY_NANOS;
        waiting.removeIf(Group::showHidden);
    }

    private void hide(Group group) {
        if (waiting.isEmpty()) {
            nextTry = System.nanoTime() + RETRY_NANOS;
            LOG.warn(
                    "A former instance of this task still has its metrics; what they say is of that one until it has ended");
        }
        waiting.add(group);
    }

    /** Numbers that come and go together. One thread at a time. */
    public final class Group implements AutoCloseable {

        private final LinkedHashMap<String, String> tags;
        private final List<MetricName> names = new ArrayList<>();
        private final Map<MetricName, Gauge<Long>> hidden = new LinkedHashMap<>();

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
                if (!show(full, gauge)) {
                    hidden.put(full, gauge);
                    hide(this);
                }
            }
            return this;
        }

        private boolean show(MetricName name, Gauge<Long> gauge) {
            try {
                metrics.addMetric(name, gauge);
                names.add(name);
                return true;
            } catch (IllegalArgumentException e) {
                LOG.debug("Not shown: {}", name, e);
                return false;
            }
        }

        /** Whether none is hidden any more. */
        private boolean showHidden() {
            hidden.entrySet().removeIf(each -> show(each.getKey(), each.getValue()));
            return hidden.isEmpty();
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
            hidden.clear();
            waiting.remove(this);
        }
    }
}
