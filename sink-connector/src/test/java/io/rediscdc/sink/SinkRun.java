package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;

/** A sink task that a test starts, feeds and stops, as the framework does. */
final class SinkRun {

    private final FakeContext context = new FakeContext();
    private final Map<String, String> props = new HashMap<>();
    private RedisSinkTask task;

    SinkRun(RedisServer target) {
        props.put("name", "test");
        props.put("topics", Feed.PARTITION.topic());
        props.put("redis.address", target.address());
    }

    SinkRun with(String option, String value) {
        props.put(option, value);
        return this;
    }

    Map<String, String> props() {
        return props;
    }

    SinkRun start() {
        context.offsets.clear();
        task = new RedisSinkTask();
        task.initialize(context);
        task.start(props);
        try {
            task.open(List.of(Feed.PARTITION));
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
        return this;
    }

    void stop() {
        if (task != null) {
            task.stop();
            task = null;
        }
    }

    /** Delivers until the task takes it. */
    void deliver(Collection<SinkRecord> records) {
        for (int i = 0; i < 20; i++) {
            try {
                task.put(records);
                task.put(List.of());
                return;
            } catch (RetriableException e) {
                assertThat(context.timeoutMs).isPositive();
            }
        }
        throw new AssertionError("no success in 20 attempts");
    }

    /** One of its metrics. */
    long metric(String name) {
        return context.metrics.value(name);
    }

    /** Where the task wants to read on, -1 if it is content. */
    long position() {
        return context.offsets.getOrDefault(Feed.PARTITION, -1L);
    }

    /** What Kafka is told to commit, -1 for nothing. */
    long committed() {
        return task.preCommit(Map.of()).containsKey(Feed.PARTITION)
                ? task.preCommit(Map.of()).get(Feed.PARTITION).offset()
                : -1;
    }
}
