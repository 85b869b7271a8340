package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.testing.RedisCluster;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
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

    SinkRun(RedisCluster target) {
        props.put("name", "test");
        props.put("topics", Feed.PARTITION.topic());
        props.put("redis.cluster.nodes", target.seeds());
    }

    SinkRun with(String option, String value) {
        props.put(option, value);
        return this;
    }

    SinkRun withDeadLetters(ErrantRecordReporter reporter) {
        context.deadLetters = reporter;
        return with("unsupported.policy", "dlq")
                .with("errors.deadletterqueue.topic.name", "dead")
                .with("errors.tolerance", "all");
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

    SinkRun restart() {
        stop();
        return start();
    }

    RedisSinkTask task() {
        return task;
    }

    /** As the framework does: delivers, and looks in again soon after. */
    void put(Collection<SinkRecord> records) {
        task.put(records);
        task.put(List.of());
    }

    /** The same, and again after RetriableException. */
    void deliver(Collection<SinkRecord> records) {
        for (int i = 0; i < 20; i++) {
            try {
                put(records);
                return;
            } catch (RetriableException e) {
                assertThat(context.timeoutMs).isPositive();
            }
        }
        throw new AssertionError("no success in 20 attempts");
    }

    /** Delivers everything from where the task wants to read on, as often and from where it wants to, until it has it. */
    void replicate(Feed feed) {
        long next = Math.max(0, position());
        for (int i = 0; i < 1_000 && committed() < feed.end(); i++) {
            forgetPosition();
            try {
                put(feed.from(next));
                next = feed.end();
            } catch (RetriableException e) {
                assertThat(context.timeoutMs).isPositive();
            }
            if (position() >= 0) {
                next = position();
            }
        }
        assertThat(committed()).isEqualTo(feed.end());
    }

    /** Ends it as the death of its process does, as far as the target can see: by what it does not do any more. */
    RedisSinkTask abandon() {
        RedisSinkTask abandoned = task;
        task = null;
        return abandoned;
    }

    void forgetPosition() {
        context.offsets.clear();
    }

    /** One of its metrics. */
    long metric(String name) {
        return context.metrics.value(name);
    }

    /** Calls it, as the framework does while there are no records, until it does not want to be called soon. */
    void rest() {
        for (int i = 0; i < 10_000; i++) {
            context.timeoutMs = 0;
            task.put(List.of());
            if (context.timeoutMs == 0) {
                return;
            }
        }
        throw new AssertionError("never rests");
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
