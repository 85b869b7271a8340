package io.rediscdc.sink;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Notes what a task asks the framework for. */
final class FakeContext implements SinkTaskContext {

    /** Where the task moved its consumers to. */
    final Map<TopicPartition, Long> offsets = new HashMap<>();

    long timeoutMs = -1;

    /** The dead letter queue, null for none. */
    ErrantRecordReporter deadLetters;

    final FakeMetrics metrics = new FakeMetrics();

    @Override
    public Map<String, String> configs() {
        return Map.of();
    }

    @Override
    public void offset(Map<TopicPartition, Long> newOffsets) {
        offsets.putAll(newOffsets);
    }

    @Override
    public void offset(TopicPartition partition, long offset) {
        offsets.put(partition, offset);
    }

    @Override
    public void timeout(long ms) {
        timeoutMs = ms;
    }

    @Override
    public Set<TopicPartition> assignment() {
        return Set.of();
    }

    @Override
    public void pause(TopicPartition... partitions) {}

    @Override
    public void resume(TopicPartition... partitions) {}

    @Override
    public void requestCommit() {}

    @Override
    public ErrantRecordReporter errantRecordReporter() {
        return deadLetters;
    }

    @Override
    public PluginMetrics pluginMetrics() {
        return metrics;
    }
}
