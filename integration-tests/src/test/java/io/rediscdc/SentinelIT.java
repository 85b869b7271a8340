package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Op;
import io.rediscdc.standalone.process.ConnectRest.FieldError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two groups that the same sentinels watch, and a flow from one to the other by their names. */
@Timeout(180)
class SentinelIT {

    private SentinelBed bed;
    private SentinelBed.Group from;
    private SentinelBed.Group to;
    private Flow flow;

    @BeforeEach
    void start() {
        bed = new SentinelBed("from", "to");
        from = bed.group("from");
        to = bed.group("to");
        flow = bed.flow("sentinel", from, to);
    }

    @AfterEach
    void stop() {
        flow.close();
        bed.close();
    }

    @Test
    void followsTheSourceToThePromotedReplicaAndIsNeverTakenForOne() {
        flow.withSource("source.read.from", "master");
        increment(flow.source(), 200);
        flow.start().awaitCaughtUp();
        assertThat(flow.source().info("replication", "connected_slaves")).isEqualTo("2");
        flow.source().call("PUBLISH", "news", "flash");
        increment(flow.source(), 300);
        long epoch = flow.applied().epoch();
        assertThat(from.listed()).containsExactly(from.second.address());

        from.first.kill();
        from.awaitMasterIs(from.second);
        try (RedisClientOf promoted = new RedisClientOf(from.second)) {
            increment(promoted, 500);
            await().atMost(SentinelBed.PATIENCE).untilAsserted(() -> {
                assertThat(flow.target().text("GET", "counter")).isEqualTo("1000");
                assertThat(flow.target().text("GET", "other")).isEqualTo("1000");
            });
            assertThat(promoted.info("stats", "sync_full")).isEqualTo("0");
            assertThat(flow.applied().epoch()).isEqualTo(epoch);

            from.first.start();
            from.awaitMaster(from.second, from.first);
            assertThat(from.listed()).containsExactly(from.first.address());
            assertThat(to.listed()).containsExactly(to.second.address());
            assertThat(bed.logs()).doesNotContain("70000").contains("+switch-master from");
            assertThat(publications()).contains("news").doesNotContain("__sentinel__:hello");

            increment(promoted, 100);
            await().atMost(SentinelBed.PATIENCE)
                    .untilAsserted(() ->
                            assertThat(flow.target().text("GET", "counter")).isEqualTo("1100"));
            flow.finish();
            assertThat(flow.target().digest()).isEqualTo(promoted.digest());
        }
    }

    @Test
    void leavesASourceThatHangsForThePromotedReplica() {
        flow.withSource("source.read.from", "master");
        increment(flow.source(), 200);
        flow.start().awaitCaughtUp();
        long epoch = flow.applied().epoch();

        SentinelBed.pause(from.first);
        from.awaitMasterIs(from.second);
        try (RedisClientOf promoted = new RedisClientOf(from.second)) {
            increment(promoted, 100);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(flow.target().text("GET", "counter")).isEqualTo("300"));
            SentinelBed.wake(from.first); // takes itself for the master, until Sentinel tells it
            increment(promoted, 100);
            await().atMost(SentinelBed.PATIENCE)
                    .untilAsserted(() ->
                            assertThat(flow.target().text("GET", "counter")).isEqualTo("400"));
            assertThat(flow.applied().epoch()).isEqualTo(epoch);
        }
    }

    @Test
    void followsTheTargetToAReplicaThatLacksTheLastWrites() throws InterruptedException {
        increment(flow.source(), 200);
        flow.start().awaitCaughtUp();
        AtomicBoolean enough = new AtomicBoolean();
        Thread load = new Thread(() -> {
            // Of its own: what others ask between its MULTI and EXEC would be queued.
            try (RedisClientOf writer = new RedisClientOf(from.first)) {
                while (!enough.get()) {
                    increment(writer, 10);
                    // What is written while there is no target has to be caught up with, also on a slow machine.
                    LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
                }
            }
        });
        load.start();
        try (RedisClientOf promoted = new RedisClientOf(to.second)) {
            await().atMost(SentinelBed.PATIENCE)
                    .untilAsserted(() -> assertThat(promoted.text("HGET", flow.checkpointKey(), "snapshot"))
                            .isEqualTo("closed"));
            // It gets nothing any more, as if it were far behind.
            promoted.call("REPLICAOF", "127.0.0.1", "1");
            long had = promoted.number("GET", "counter");
            await().until(() -> flow.target().number("GET", "counter") > had + 100);
            to.first.kill();
            assertThat(promoted.number("GET", "counter")).isLessThan(had + 100);
            to.awaitMasterIs(to.second);
            long then = flow.source().number("GET", "counter");
            await().atMost(SentinelBed.PATIENCE).untilAsserted(() -> assertThat(promoted.number("GET", "counter"))
                    .isGreaterThan(then));
            enough.set(true);
            load.join();
            assertEqual(promoted);
        } finally {
            enough.set(true);
            load.join();
        }
        assertThat(new Topic(flow).snapshots()).hasSize(1);
    }

    @Test
    void leavesATargetThatHangsForThePromotedReplica() {
        increment(flow.source(), 200);
        flow.start().awaitCaughtUp();
        SentinelBed.pause(to.first);
        increment(flow.source(), 100);
        to.awaitMasterIs(to.second);
        try (RedisClientOf promoted = new RedisClientOf(to.second)) {
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(promoted.text("GET", "counter"))
                    .isEqualTo("300"));
            SentinelBed.wake(to.first); // takes itself for the master, until Sentinel tells it
            increment(flow.source(), 100);
            assertEqual(promoted);
        }
    }

    @Test
    void saysWhatIsWrongWithTheSentinels() {
        for (Map<String, String> config : List.of(flow.sourceConfig(), flow.sinkConfig())) {
            assertThat(flow.sourceRest().validate(config)).isEmpty();
            String name = config.put("redis.sentinel.master", "misspelt");
            assertOnlyError(config, "redis.sentinel.master", "knows no master of that name, only");
            config.put("redis.sentinel.master", name);
            String nodes = config.put("redis.sentinel.nodes", from.first.address());
            assertOnlyError(config, "redis.sentinel.nodes", "is no sentinel");
            config.put("redis.sentinel.nodes", "127.0.0.1:1");
            assertOnlyError(config, "redis.sentinel.nodes", "refused");
            config.put("redis.sentinel.nodes", nodes);
            config.put("redis.sentinel.password", "s3cret");
            assertOnlyError(config, "redis.sentinel.password", "AUTH");
            config.remove("redis.sentinel.password");
            config.put("redis.address", from.first.address());
            assertOnlyError(config, "redis.sentinel.master", "both given");
        }
    }

    private void assertOnlyError(Map<String, String> config, String field, String words) {
        List<FieldError> errors = flow.sourceRest().validate(config);
        assertThat(errors).as("%s", errors).hasSize(1);
        assertThat(errors.get(0).field()).isEqualTo(field);
        assertThat(errors.get(0).message()).contains(words).doesNotContain("s3cret");
    }

    /** The target, wherever it is, gets all that the source has, and nothing else. */
    private void assertEqual(RedisClientOf target) {
        String counter = flow.source().text("GET", "counter");
        await().atMost(SentinelBed.PATIENCE).untilAsserted(() -> {
            assertThat(target.text("GET", "counter")).isEqualTo(counter);
            assertThat(target.text("GET", "other")).isEqualTo(counter);
        });
        flow.deleteConnectors();
        await().atMost(SentinelBed.PATIENCE)
                .untilAsserted(() -> assertThat(target.text("CLIENT", "LIST")).doesNotContain("name=redis-cdc"));
        target.call("DEL", flow.checkpointKey());
        assertThat(target.digest()).isEqualTo(flow.source().digest());
    }

    private List<String> publications() {
        return new Topic(flow)
                .committed().stream()
                        .filter(entry -> entry.change().op() == Op.PUBLISH)
                        .map(entry -> new String(entry.change().command().args()[1], StandardCharsets.UTF_8))
                        .toList();
    }

    /** Returns when a replica has it all, where there is one. */
    private static void increment(RedisClientOf client, int times) {
        for (int i = 0; i < times; i++) {
            client.call("INCR", "counter");
            client.call("MULTI");
            client.call("INCR", "other");
            client.call("APPEND", "text", "x");
            client.call("EXEC");
        }
        client.call("WAIT", 1, 1000);
    }
}
