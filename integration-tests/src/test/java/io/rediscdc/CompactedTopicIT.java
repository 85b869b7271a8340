package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** States in a topic of which Kafka keeps the last record of each key. */
@Timeout(240)
class CompactedTopicIT {

    private static final int KEYS = 200;

    /** What compaction has left is all there is: a second target, filled from that alone, is the same. */
    @ParameterizedTest
    @ValueSource(strings = {"scan", "replica"})
    void whatIsLeftIsTheWholeSource(String mode) {
        try (Mirror mirror = new Mirror("compacted-" + mode, "--notify-keyspace-events", "KA");
                RedisServer second = RedisServer.running()) {
            Flow flow = mirror.flow()
                    .withSource("capture.mode", mode)
                    .withSource("change.format", mode.equals("replica") ? "state" : "commands")
                    .withSource("topic.compacted", "true")
                    .withSource("headers.enabled", "false")
                    .withSource("topic.creation.default.cleanup.policy", "compact")
                    .withSource("topic.creation.default.segment.ms", "300")
                    .withSource("topic.creation.default.min.cleanable.dirty.ratio", "0.0001")
                    .withSource("topic.creation.default.delete.retention.ms", "1");
            write(mirror.source(), 0);
            flow.start();
            awaitEqual(mirror, mirror.target());
            for (int round = 1; round < 3; round++) {
                write(mirror.source(), round);
                awaitEqual(mirror, mirror.target());
            }
            for (int i = 0; i < KEYS; i += 2) {
                mirror.source().call("DEL", "key:" + i);
            }
            mirror.source().call("PEXPIRE", "key:1", 1);
            if (mode.equals("replica")) {
                // What it removes stays in the topic, before it.
                mirror.source().call("SELECT", 4);
                mirror.source().call("SET", "key:four", "x");
                mirror.source().call("FLUSHDB");
                mirror.source().call("SELECT", 0);
            }
            awaitEqual(mirror, mirror.target());
            awaitCompacted(flow, KEYS / 2 - 1);

            Map<String, String> sink = new HashMap<>(flow.sinkConfig());
            String name = flow.sinkName() + "-second";
            sink.put("name", name);
            sink.put("flow", name);
            sink.put("redis.address", second.address());
            flow.sinkRest().put(name, sink);
            try (RedisClientOf target = new RedisClientOf(second)) {
                awaitEqual(mirror, target);
                write(mirror.source(), 3);
                mirror.source().call("DEL", "key:7");
                awaitEqual(mirror, target);
            } finally {
                flow.sinkRest().delete(name);
            }
            awaitEqual(mirror, mirror.target());
        }
    }

    private static void write(RedisClientOf source, int round) {
        for (int i = 0; i < KEYS; i++) {
            source.call("SET", "key:" + i, "value " + i + " of round " + round);
        }
    }

    /** Of each key one record, and none of those that are gone. */
    private static void awaitCompacted(Flow flow, int keys) {
        await().atMost(Flow.PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
            Map<ChangeKey, Integer> records = new HashMap<>();
            for (Topic.Entry entry : new Topic(flow).committed()) {
                Change change = entry.change();
                if (change.key().db() == 0 && (change.op() == Op.SET || change.op() == Op.DEL)) {
                    records.merge(change.key(), 1, Integer::sum);
                }
            }
            assertThat(records).hasSize(keys);
            assertThat(records.values()).containsOnly(1);
        });
    }

    private static void awaitEqual(Mirror mirror, RedisClientOf target) {
        await().atMost(Flow.PATIENCE).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            Flow flow = mirror.flow();
            assertThat(flow.sourceRest().status(flow.sourceName()).failure()).isNull();
            assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
            assertThat(values(target)).isEqualTo(values(mirror.source()));
        });
    }

    private static Map<String, String> values(RedisClientOf redis) {
        Map<String, String> values = new HashMap<>();
        for (Object key : (List<?>) redis.call("KEYS", "key:*")) {
            String name = RedisClientOf.textOf(key);
            values.put(name, redis.text("GET", name));
        }
        return values;
    }
}
