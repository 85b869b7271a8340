package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.rediscdc.model.Position;
import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A keyspace and what is done to it arrive at the target as they were at the source. */
class ReplicationIT {

    private static final String[] DEBUGGABLE = {"--enable-debug-command", "yes"};

    private RedisServer from;
    private RedisServer to;

    @BeforeEach
    void startServers() {
        from = RedisServer.running(DEBUGGABLE);
        to = RedisServer.running(DEBUGGABLE);
    }

    @AfterEach
    void stopServers() {
        from.close();
        to.close();
    }

    @Test
    void aSnapshotOfAllTypesAndALiveMixOfAllCommandsGiveTheSameDigest() {
        try (Flow flow = new Flow("mix", from, to)) {
            new LiveMix(flow.source(), "before").run();
            flow.source().call("SET", "large", "x".repeat(900_000));
            flow.source().call("DEBUG", "POPULATE", "20000", "many", "100");
            flow.start().awaitCaughtUp();
            LiveMix mix = new LiveMix(flow.source(), "after");
            mix.run();
            assertThat(mix.used()).hasSizeGreaterThanOrEqualTo(60);
            flow.awaitSettled();

            flow.finish();

            assertThat(flow.target().digest()).isEqualTo(flow.source().digest()).doesNotMatch("0*");
            assertThat(flow.target().text("FUNCTION", "LIST", "WITHCODE"))
                    .isEqualTo(flow.source().text("FUNCTION", "LIST", "WITHCODE"))
                    .contains("mixlib");
            for (String key : List.of("k:1", "s:8", "s:9", "s:2", "s:6")) {
                assertThat(flow.target().text("PEXPIRETIME", "after-" + key))
                        .as(key)
                        .isEqualTo(flow.source().text("PEXPIRETIME", "after-" + key));
            }
            assertThat(flow.source().info("stats", "sync_full")).isEqualTo("1");
        }
    }

    @Test
    void transactionsBecomeVisibleWholeAndMessagesArePublished() throws Exception {
        try (Flow flow = new Flow("tx", from, to)) {
            flow.start().awaitCaughtUp();
            RedisClient subscriber = RedisClient.create(to.uri());
            try (StatefulRedisPubSubConnection<String, String> channel = subscriber.connectPubSub()) {
                List<String> heard = new CopyOnWriteArrayList<>();
                channel.addListener(new RedisPubSubAdapter<>() {
                    @Override
                    public void message(String name, String message) {
                        heard.add(message);
                    }
                });
                channel.sync().subscribe("news");
                for (int i = 0; i < 200; i++) {
                    flow.source().call("MULTI");
                    flow.source().call("DECRBY", "left", "3");
                    flow.source().call("INCRBY", "right", "3");
                    flow.source().call("EXEC");
                    assertThat(sum(flow.target())).isZero();
                }
                flow.source().call("PUBLISH", "news", "hello");
                flow.awaitCaughtUp();
                await().untilAsserted(() -> assertThat(heard).containsExactly("hello"));
            } finally {
                subscriber.shutdown();
            }
            assertThat(flow.target().text("GET", "right")).isEqualTo("600");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void anyConverterThatKeepsTheSchemaWillDo(String headers) {
        try (Flow flow = new Flow("json", from, to)
                .with("key.converter", "org.apache.kafka.connect.json.JsonConverter")
                .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
                .withSource("headers.enabled", headers)) {
            new LiveMix(flow.source(), "before").run();
            flow.start().awaitCaughtUp();
            new LiveMix(flow.source(), "after").run();
            flow.awaitCaughtUp();
            flow.finish();
            assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "diskless"})
    void bothTransfersOfASnapshotArrive(String transfer) {
        try (Flow flow = new Flow("transfer", from, to).withSource("snapshot.transfer", transfer)) {
            flow.source().call("CONFIG", "SET", "repl-diskless-sync-delay", "0");
            flow.source().call("DEBUG", "POPULATE", "50000", "k", "200");
            flow.start().awaitCaughtUp();
            flow.finish();
            assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
        }
    }

    @Test
    void aQuietSourceStillMovesThePosition() {
        try (Flow flow = new Flow("quiet", from, to)) {
            flow.source().call("CONFIG", "SET", "repl-ping-replica-period", "1");
            flow.source().call("SET", "a", "1");
            flow.start().awaitCaughtUp();
            Position before = flow.applied();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(flow.applied().offset()).isGreaterThan(before.offset()));
        }
    }

    private static long sum(RedisClientOf redis) {
        Object pair = redis.call("MGET", "left", "right");
        long sum = 0;
        for (Object value : (List<?>) pair) {
            sum += value == null ? 0 : Long.parseLong(RedisClientOf.textOf(value));
        }
        return sum;
    }
}
