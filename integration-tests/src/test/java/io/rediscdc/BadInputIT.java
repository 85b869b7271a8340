package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectRest.FieldError;
import io.rediscdc.standalone.process.LocalPorts;
import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong is said where it can be mended: at the option, before anything is deployed, or in the task's status. */
class BadInputIT {

    private final ConnectRest rest = Platform.shared().rest();
    private RedisServer redis;
    private Flow flow;

    @BeforeEach
    void startRedis() {
        redis = RedisServer.running("--enable-debug-command", "yes");
        flow = new Flow("bad", redis, redis);
    }

    @AfterEach
    void stopRedis() {
        flow.close();
        redis.close();
    }

    @Test
    void goodConfigurationsPass() {
        assertThat(rest.validate(flow.sourceConfig())).isEmpty();
        assertThat(rest.validate(flow.sinkConfig())).isEmpty();
    }

    @Test
    void aWrongPassword() {
        flow.source().call("CONFIG", "SET", "requirepass", "right");
        flow.with("redis.password", "wrong");
        for (Map<String, String> config : both()) {
            assertOnlyError(config, "redis.password", "WRONGPASS", "check redis.username and redis.password");
        }
    }

    @Test
    void aMissingPassword() {
        flow.source().call("CONFIG", "SET", "requirepass", "right");
        for (Map<String, String> config : both()) {
            assertThat(rest.validate(config))
                    .hasSize(1)
                    .first()
                    .extracting(FieldError::message)
                    .asString()
                    .contains("NOAUTH")
                    .contains("redis.password");
        }
    }

    @Test
    void aUserWhoMayNotReplicate() {
        flow.source().call("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+@all", "-psync");
        flow.with("redis.username", "reader").with("redis.password", "pw");
        assertOnlyError(flow.sourceConfig(), "redis.username", "NOPERM", "ACL SETUSER reader +psync +replconf +ping");
    }

    @Test
    void aServerThatIsNotThere() {
        int port = LocalPorts.free();
        flow.with("redis.address", "127.0.0.1:" + port);
        for (Map<String, String> config : both()) {
            assertOnlyError(config, "redis.address", "127.0.0.1:" + port);
        }
    }

    @Test
    void aPortThatIsNoRedis() {
        flow.with(
                "redis.address", "127.0.0.1:" + Platform.shared().worker().url().getPort());
        for (Map<String, String> config : both()) {
            assertOnlyError(config, "redis.address", "not Redis");
        }
    }

    @Test
    void aNodeOfACluster() {
        try (RedisServer node = RedisServer.running("--cluster-enabled", "yes")) {
            flow.with("redis.address", node.address());
            for (Map<String, String> config : both()) {
                assertOnlyError(config, "redis.address", "is a node of a");
            }
        }
    }

    @Test
    void aServerThatIsLoading() throws InterruptedException {
        flow.source().call("DEBUG", "POPULATE", "3000");
        flow.source().call("CONFIG", "SET", "key-load-delay", "2000", "loading-process-events-interval-bytes", "1024");
        Thread reload = new Thread(() -> {
            try (RedisClientOf client = new RedisClientOf(redis)) {
                client.call("DEBUG", "RELOAD");
            }
        });
        reload.start();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            for (Map<String, String> config : both()) {
                assertOnlyError(config, "redis.address", "LOADING");
            }
        });
        reload.join();
    }

    @Test
    void aServerThatDoesNotTellOfChanges() {
        scan("live");
        assertOnlyError(flow.sourceConfig(), "live.feed", "CONFIG SET notify-keyspace-events", "notify.configure");
        flow.withSource("notify.configure", "true");
        assertThat(rest.validate(flow.sourceConfig())).isEmpty();
        assertThat(flow.source().text("CONFIG", "GET", "notify-keyspace-events"))
                .isEqualTo("[notify-keyspace-events, ]");
        flow.withSource("notify.configure", "false").withSource("live.feed", "tracking");
        assertThat(rest.validate(flow.sourceConfig())).isEmpty();
    }

    /** DUMP is not needed. */
    @ParameterizedTest
    @CsvSource({
        "-scan,        keyspace, redis.username, scan",
        "-multi,       keyspace, redis.username, keys",
        "-psubscribe,  keyspace, live.feed,      psubscribe",
        "-subscribe,   tracking, live.feed,      subscribe",
        "resetchannels, keyspace, live.feed,     allchannels",
        "-client,      tracking, live.feed,      client",
        "-dump -sscan, keyspace, redis.username, sscan",
        "-dump,        keyspace, ,",
        "-dump -multi, tracking, ,"
    })
    void aUserWhoMayNotScan(String without, String feed, String field, String named) {
        flow.source().call("CONFIG", "SET", "notify-keyspace-events", "KA");
        List<Object> words = new ArrayList<>(List.of("ACL", "SETUSER", "scanner", "on", ">pw", "~*", "&*", "+@all"));
        words.addAll(List.of(without.split(" ", -1)));
        flow.source().call(words.toArray());
        flow.with("redis.username", "scanner").with("redis.password", "pw");
        scan("live").put("live.feed", feed);
        if (field == null) {
            assertThat(rest.validate(flow.sourceConfig())).isEmpty();
        } else {
            assertOnlyError(flow.sourceConfig(), field, named, "ACL SETUSER scanner ~* +ping");
        }
    }

    /** As proxies and clouds do. */
    @ParameterizedTest
    @CsvSource({"DUMP, ,", "SCAN, redis.address, proxy", "PSYNC, ,", "SUBSCRIBE, ,"})
    void aServerThatLacksACommand(String command, String field, String named) {
        try (RedisServer proxied = RedisServer.running("--rename-command", command, "")) {
            flow.with("redis.address", proxied.address());
            Map<String, String> config = scan("snapshot");
            if (field == null) {
                assertThat(rest.validate(config)).isEmpty();
            } else {
                assertOnlyError(config, field, named, "unknown command");
            }
        }
    }

    private Map<String, String> scan(String mode) {
        flow.withSource("capture.mode", "scan").withSource("scan.mode", mode);
        return flow.sourceConfig();
    }

    @Test
    void typos() {
        flow.withSource("heartbeat.intervall.ms", "1");
        assertOnlyError(
                flow.sourceConfig(), "heartbeat.intervall.ms", "not an option", "did you mean heartbeat.interval.ms?");
        flow.sinkConfig().put("redis.adress", "x:1");
        assertOnlyError(flow.sinkConfig(), "redis.adress", "did you mean redis.address?");
    }

    @Test
    void valuesThatMakeNoSense() {
        flow.withSource("capture.mode", "replicca");
        assertOnlyError(flow.sourceConfig(), "capture.mode", "replica");
        flow.withSource("capture.mode", "replica").withSource("redis.address", "host:notaport");
        assertOnlyError(flow.sourceConfig(), "redis.address", "no port between 1 and 65535");
    }

    @Test
    void whatValidationCouldNotSeeIsInTheTaskStatusAndNothingIsApplied() {
        try (RedisServer guarded = RedisServer.running("--requirepass", "right");
                Flow toGuarded = new Flow("bad-sink", redis, null, guarded, "right");
                Flow fromGuarded = new Flow("bad-source", guarded, "right", redis, null)) {
            toGuarded.source().call("SET", "a", "1");
            deployWithWrongPassword(toGuarded, toGuarded.sinkConfig());
            deployWithWrongPassword(fromGuarded, fromGuarded.sourceConfig());
            assertFailed(toGuarded.sinkName());
            assertFailed(fromGuarded.sourceName());
            assertThat(toGuarded.target().call("DBSIZE")).isEqualTo(0L);
        }
    }

    private static void deployWithWrongPassword(Flow flow, Map<String, String> config) {
        config.put("redis.password", "wrong-secret");
        config.put("connection.validation.enabled", "false");
        flow.start();
    }

    private void assertFailed(String connector) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(rest.status(connector).failure())
                        .as(connector)
                        .isNotNull()
                        .contains("redis.password")
                        .doesNotContain("wrong-secret"));
    }

    private List<Map<String, String>> both() {
        return List.of(flow.sourceConfig(), flow.sinkConfig());
    }

    private void assertOnlyError(Map<String, String> config, String field, String... words) {
        List<FieldError> errors = rest.validate(config);
        assertThat(errors).as("%s", errors).hasSize(1);
        assertThat(errors.get(0).field()).isEqualTo(field);
        assertThat(errors.get(0).message()).contains(words);
    }
}
