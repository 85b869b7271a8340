package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the source notices of us: nothing by default, and Kafka's acknowledgements if it is asked for. */
class AckIT {

    private static final int SHUTDOWN_TIMEOUT_S = 4;

    private RedisServer from;
    private RedisServer to;

    @BeforeEach
    void startServers() {
        from = RedisServer.running("--shutdown-timeout", Integer.toString(SHUTDOWN_TIMEOUT_S));
        to = RedisServer.running();
    }

    @AfterEach
    void stopServers() {
        from.close();
        to.close();
    }

    @Test
    void byDefaultNeitherWaitNorFailoverNorSentinelKnowsUs() {
        try (Flow flow = new Flow("ack-none", from, to)) {
            flow.start().awaitCaughtUp();
            RedisClientOf source = flow.source();
            source.call("SET", "k", "v");
            assertThat(source.number("WAIT", 1, 1500)).isZero();

            source.call("FAILOVER", "TIMEOUT", "1500");
            await().untilAsserted(() -> assertThat(source.info("replication", "master_failover_state"))
                    .isEqualTo("no-failover"));
            assertThat(source.info("replication", "role")).isEqualTo("master");

            try (RedisServer sentinel = RedisServer.running(
                            "--sentinel", "--sentinel monitor", "shop", "127.0.0.1", "" + from.port(), "1");
                    RedisClientOf asked = new RedisClientOf(sentinel)) {
                await().untilAsserted(() ->
                        assertThat(asked.text("SENTINEL", "MASTER", "shop")).contains("role-reported, master"));
                assertThat(asked.text("SENTINEL", "REPLICAS", "shop")).isEqualTo("[]");
            }
        }
    }

    @Test
    void aMastersShutdownIsOverWithItsTimeout() {
        try (Flow flow = new Flow("ack-shutdown", from, to)) {
            flow.start().awaitCaughtUp();
            flow.source().call("SET", "k", "v");
            // It waits for us in vain; that it ends at all, and far from never, is what can be promised.
            assertThat(stopMillis(from)).isLessThan(SHUTDOWN_TIMEOUT_S * 1000L + 11_000);
        }
    }

    @Test
    void shutdownOfAReplicaAndItsMasterDoesNotWaitForUs() {
        try (RedisServer replica =
                        RedisServer.running("--shutdown-timeout", "20", "--replicaof", "127.0.0.1", "" + from.port());
                RedisClientOf replicaClient = new RedisClientOf(replica);
                Flow flow = new Flow("ack-replica", from, to)
                        .withSource("redis.address", from.address() + "," + replica.address())) {
            await().untilAsserted(() -> assertThat(replicaClient.info("replication", "master_link_status"))
                    .isEqualTo("up"));
            flow.start().awaitCaughtUp();
            await().untilAsserted(() -> assertThat(replicaClient.info("replication", "connected_slaves"))
                    .isEqualTo("1"));
            assertThat(flow.source().info("replication", "connected_slaves")).isEqualTo("1");

            // Far below the 20 s that it would wait for somebody who is behind.
            assertThat(stopMillis(replica)).isLessThan(15_000);
        }
    }

    @Test
    void committedLetsWaitReturnOnceTheWriteIsInTheTopic() {
        try (Flow flow = new Flow("ack-committed", from, to).withSource("ack.mode", "committed")) {
            flow.start().awaitCaughtUp();
            RedisClientOf source = flow.source();
            for (int i = 0; i < 20; i++) {
                long before = settledEnd(flow.name);
                source.call("SET", "k", i);
                assertThat(source.number("WAIT", 1, 5000)).isEqualTo(1);
                assertThat(end(flow.name, "read_uncommitted")).isGreaterThan(before);
                await().untilAsserted(() ->
                        assertThat(end(flow.name, "read_committed")).isGreaterThan(before));
            }
            source.call("SET", "__redis-cdc:of no record", "v");
            assertThat(source.number("WAIT", 1, 5000)).isEqualTo(1);

            Platform.shared().broker().kill();
            try {
                source.call("SET", "k", "while there is no broker");
                assertThat(source.number("WAIT", 1, 1500)).isZero();
            } finally {
                Platform.shared().broker().start();
            }
            source.call("SET", "k", "again");
            assertThat(source.number("WAIT", 1, 60_000)).isEqualTo(1);
        }
    }

    private static long stopMillis(RedisServer server) {
        long start = System.nanoTime();
        server.stop();
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    /** The end of the topic once its transactions are over: a commit is answered before the broker has marked it in the topic. */
    private static long settledEnd(String topic) {
        return await().until(() -> end(topic, "read_committed"), end -> end == end(topic, "read_uncommitted"));
    }

    /** The end of the topic for readers of that isolation level. */
    private static long end(String topic, String isolation) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", Platform.shared().broker().bootstrap(), "isolation.level", isolation);
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }
}
