package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.testing.FreePort;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** alterOffsets against a real target, and what a task does after it. */
class RewindIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";

    private final Feed feed = new Feed();
    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void replicate() {
        server = RedisServer.start();
        run = new SinkRun(server);
        feed.begin().end(0).command("SET", "a", "1").command("INCR", "n").command("INCR", "n");
        run.start().deliver(feed.from(0));
        run.stop();
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void replaysFromTheMiddle() {
        alter(Map.of(Feed.PARTITION, 3L));
        assertThat(server.commands().hgetall(CHECKPOINT))
                .containsEntry("generation", "1")
                .containsEntry("offset", "3")
                .containsEntry("snapshot", "closed")
                .doesNotContainKey("pos:main");

        run.start();
        assertThat(run.position()).isEqualTo(3);
        feed.command("INCR", "n");
        run.deliver(feed.from(3));
        assertThat(server.commands().get("n")).isEqualTo("5");
        assertThat(server.commands().hget(CHECKPOINT, "generation")).isEqualTo("1");

        run.stop();
        run.start();
        run.deliver(feed.from(3));
        assertThat(server.commands().get("n")).isEqualTo("5");
    }

    @Test
    void replaysAllIntoATargetThatWasFlushed() {
        server.commands().flushall();
        run.start();
        feed.command("INCR", "n");
        assertThatThrownBy(() -> run.deliver(feed.from(5)))
                .hasMessageContaining("checkpoint is missing")
                .hasMessageContaining("PATCH /connectors/<name>/offsets");
        run.stop();

        alter(Collections.singletonMap(Feed.PARTITION, null));
        run.start();
        assertThat(run.position()).isZero();
        run.deliver(feed.from(0));
        assertThat(server.commands().get("n")).isEqualTo("3");
    }

    @Test
    void resetsEverythingOfTheFlowWhereKafkaHasNoOffsets() {
        server.commands().hset("__redis-cdc:checkpoint:{test2}:changes:0", "format", "1");
        alter(Map.of());
        assertThat(server.commands().hget(CHECKPOINT, "offset")).isEqualTo("0");
        assertThat(server.commands().hgetall("__redis-cdc:checkpoint:{test2}:changes:0"))
                .hasSize(1);
    }

    @Test
    void getsAStuckFlowGoing() {
        server.commands().hset(CHECKPOINT, "stuck", "LPUSH at changes-0@3");
        assertThatThrownBy(() -> run.start()).hasMessageContaining("is stuck");
        alter(Map.of(Feed.PARTITION, 4L));
        run.start();
        run.deliver(feed.from(4));
        assertThat(server.commands().get("n")).isEqualTo("3");
    }

    @Test
    void fencesATaskThatStillRuns() {
        run.start();
        alter(Map.of(Feed.PARTITION, 3L));
        feed.command("INCR", "n");
        assertThatThrownBy(() -> run.deliver(feed.from(5))).hasMessageContaining("another writer owns this flow");
        assertThat(server.commands().get("n")).isEqualTo("2");
    }

    @Test
    void refusesWhatMakesNoSense() throws IOException {
        assertThatThrownBy(() -> alter(Map.of(new TopicPartition("other", 0), 3L)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("does not read topic other")
                .hasMessageContaining("changes");
        assertThatThrownBy(() -> alter(Map.of(Feed.PARTITION, -3L)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("offset -3 of changes-0 is negative");
        assertThatThrownBy(() -> alter(Map.of(new TopicPartition("changes", -1), 3L)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("no partition -1");
        assertThat(server.commands().hget(CHECKPOINT, "generation")).isEqualTo("0");

        Map<String, String> elsewhere = new HashMap<>(run.props());
        elsewhere.put("redis.address", "127.0.0.1:" + FreePort.next());
        assertThatThrownBy(() -> new RedisSinkConnector().alterOffsets(elsewhere, Map.of(Feed.PARTITION, 3L)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("the offsets cannot be altered")
                .hasMessageContaining("cannot be reached");
    }

    private void alter(Map<TopicPartition, Long> offsets) {
        Leaks leaks = Leaks.since();
        assertThat(new RedisSinkConnector().alterOffsets(run.props(), offsets)).isTrue();
        leaks.assertNone();
    }
}
