package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rediscdc.converter.ChangeConverter;
import io.rediscdc.standalone.process.ConnectRestException;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where transactions are not to be had, on Kafka's side or on the target's, the rest still holds. */
class WithoutTransactionsIT {

    private static final int MOST_FREEZES = 5;

    @TempDir
    private Path directory;

    private RedisServer from;
    private RedisServer to;

    @BeforeEach
    void startServers() {
        from = RedisServer.running("--repl-backlog-size", "64mb", "--repl-diskless-sync-delay", "0");
        to = RedisServer.running();
    }

    @AfterEach
    void stopServers() {
        from.close();
        to.close();
    }

    /** A worker that is killed before it has stored how far it is, and a producer that sends again what has arrived. */
    @Test
    void withoutExactlyOnceSourceSupportDuplicatesInTheTopicAreHealedByTheirPositions()
            throws InterruptedException, IOException {
        try (ConnectWorker worker = plainWorker();
                Flow flow = new Flow("plain", from, to)
                        .withSourceOn(worker)
                        .with("connection.validation.timeout.ms", "30000")
                        .withSource("exactly.once.support", "requested")
                        .withSource("producer.override.request.timeout.ms", "1000")) {
            flow.start().awaitCaughtUp();
            // It stores how far it is when it is stopped, and, by its configuration, at no other time.
            worker.restart();
            write(flow.source(), 300);
            flow.awaitCaughtUp();
            assertThat(duplicates(flow.name)).isZero();

            worker.kill();
            worker.start();
            write(flow.source(), 100);
            flow.awaitCaughtUp();
            long ofTheKill = duplicates(flow.name);
            assertThat(ofTheKill).isGreaterThan(1000);

            long ofTheProducer = freezeTheBroker(flow) - ofTheKill;
            assertThat(ofTheProducer).isPositive();

            flow.awaitCaughtUp();
            assertThat(flow.source().info("stats", "sync_full")).isEqualTo("1");
            flow.finish();
            assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
            System.out.printf(
                    "Duplicates in the topic, all skipped: %d after kill -9 of the worker, %d sent again by the producer%n",
                    ofTheKill, ofTheProducer);
            assertThatRequiringItIsRefused(worker, flow);
        }
    }

    /** It lacks what had been sent since the resume point was stored, and executes something else at the same offsets. */
    @Test
    void theSinkStopsWhereAPromotedServerNeverHadWhatItHasApplied() {
        try (RedisServer replica = RedisServer.running("--replicaof", "127.0.0.1", Integer.toString(from.port()));
                RedisClientOf promoted = new RedisClientOf(replica);
                ConnectWorker worker = plainWorker();
                Flow flow = new Flow("promoted", from, to)
                        .withSourceOn(worker)
                        .withSource("redis.address", from.address() + "," + replica.address())
                        .withSource("source.read.from", "master")
                        .withSource("exactly.once.support", "requested")) {
            await().atMost(Flow.PATIENCE).until(() -> promoted.info("replication", "master_link_status")
                    .equals("up"));
            flow.start().awaitCaughtUp();
            worker.restart();
            write(flow.source(), 10);
            flow.awaitCaughtUp();
            await().atMost(Flow.PATIENCE).until(() -> promoted.info("replication", "slave_repl_offset")
                    .equals(flow.source().info("replication", "master_repl_offset")));
            promoted.call("REPLICAOF", "NO", "ONE");
            write(flow.source(), 10);
            flow.awaitCaughtUp();
            worker.kill();
            from.kill();
            write(promoted, 20);
            worker.start();
            await().atMost(Flow.PATIENCE).untilAsserted(() -> assertThat(
                            flow.sinkRest().status(flow.sinkName()).failure())
                    .contains(replica.address() + ", which has been promoted, has only what is up to offset"));
        }
    }

    @Test
    void deliversAtLeastOnceToATargetWithoutTransactions() {
        try (RedisClientOf admin = new RedisClientOf(to);
                Flow flow = new Flow("at-least-once", from, to)
                        .withSink("delivery", "at_least_once")
                        .withSink("redis.username", "plain")
                        .withSink("redis.password", "secret")) {
            admin.call("ACL", "SETUSER", "plain", "on", ">secret", "~*", "&*", "+@all", "-@transaction");
            new LiveMix(flow.source(), "before").run();
            flow.start().awaitCaughtUp();
            new LiveMix(flow.source(), "live").run();
            write(flow.source(), 300);
            flow.awaitCaughtUp();

            assertThat(admin.text("INFO", "commandstats")).doesNotContain("cmdstat_exec:", "cmdstat_watch:");
            flow.finish();
            assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
        }
    }

    private void assertThatRequiringItIsRefused(ConnectWorker worker, Flow flow) {
        Map<String, String> config = new LinkedHashMap<>(flow.sourceConfig());
        config.put("name", "required");
        config.put("exactly.once.support", "required");
        assertThatThrownBy(() -> worker.rest().put("required", config))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining("exactly-once source support");
    }

    /** So short that nobody but the producer gives up. Returns how many duplicates there are then. */
    private long freezeTheBroker(Flow flow) throws InterruptedException, IOException {
        long before = duplicates(flow.name);
        long after = before;
        for (int i = 0; i < MOST_FREEZES && after == before; i++) {
            AtomicBoolean writing = new AtomicBoolean(true);
            Thread writer = new Thread(() -> {
                try (RedisClientOf redis = new RedisClientOf(from)) {
                    while (writing.get()) {
                        write(redis, 1);
                    }
                }
            });
            writer.start();
            try {
                Thread.sleep(500);
                signalBroker("STOP");
                Thread.sleep(2000);
            } finally {
                signalBroker("CONT");
                writing.set(false);
                writer.join();
            }
            flow.awaitCaughtUp();
            after = duplicates(flow.name);
        }
        return after;
    }

    private static void signalBroker(String signal) throws IOException, InterruptedException {
        String pid = Long.toString(Platform.shared().broker().pid());
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                .isZero();
    }

    private static void write(RedisClientOf redis, int rounds) {
        for (int i = 0; i < rounds; i++) {
            redis.call("INCR", "counter");
            redis.call("INCRBYFLOAT", "float", "0.5");
            redis.call("APPEND", "text", "word ");
            redis.call("RPUSH", "list", i);
            redis.call("LMOVE", "list", "moved", "LEFT", "RIGHT");
            redis.call("MULTI");
            redis.call("DECR", "left");
            redis.call("INCR", "right");
            redis.call("EXEC");
            redis.call("XADD", "stream", "*", "i", i);
        }
    }

    /** Records of the topic that have the position of another one before them. */
    private static long duplicates(String topic) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", Platform.shared().broker().bootstrap(), "auto.offset.reset", "earliest");
        TopicPartition partition = new TopicPartition(topic, 0);
        ChangeConverter converter = new ChangeConverter();
        Set<List<Long>> positions = new HashSet<>();
        long records = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    Struct value = (Struct)
                            converter.toConnectData(topic, record.value()).value();
                    positions.add(List.of(value.getInt64("epoch"), value.getInt64("offset"), value.getInt64("index")));
                    records++;
                }
            }
        }
        return records - positions.size();
    }

    private ConnectWorker plainWorker() {
        ConnectWorker worker = new ConnectWorker(
                Home.fromSystemProperty(),
                directory,
                Platform.shared().broker().bootstrap(),
                ConnectWorker.DEFAULT_HEAP,
                Map.of(
                        "group.id", "plain",
                        "config.storage.topic", "plain-configs",
                        "offset.storage.topic", "plain-offsets",
                        "status.storage.topic", "plain-status",
                        "exactly.once.source.support", "disabled",
                        "offset.flush.interval.ms", "3600000"),
                Map.of());
        worker.start();
        return worker;
    }
}
