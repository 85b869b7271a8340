package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Op;
import io.rediscdc.standalone.process.ConnectWorker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source that is read by SCAN, end to end. */
class ScanIT {

    /** For a million, run with -Dscan.keys=1000000. */
    private static final int KEYS = Integer.getInteger("scan.keys", 150_000);

    /** For an interruption of 10 s, run with -Dscan.cut.ms=10000. */
    private static final int CUT_MS = Integer.getInteger("scan.cut.ms", 1_000);

    private Mirror mirror;
    private Flow flow;

    @BeforeEach
    void startServers() {
        mirror = new Mirror("scan");
        flow = mirror.flow().withSource("capture.mode", "scan");
    }

    @AfterEach
    void stopServers() {
        mirror.close();
    }

    @Test
    void aSnapshotHasEverything() {
        new LiveMix(mirror.source(), "scan").run();
        flow.withSource("scan.mode", "snapshot").start();
        awaitSnapshot();
        mirror.assertEqual();
        assertThat(mirror.source().info("stats", "sync_full")).isEqualTo("0");
    }

    @Test
    void aWorkerKilledInTheMiddleGoesOnWhereItWas() {
        mirror.source().call("DEBUG", "POPULATE", KEYS, "key", 100);
        try (WorkerGroup group = new WorkerGroup("scan-killed", 1, Map.of())) {
            ConnectWorker worker = group.worker(0);
            flow.withSource("scan.mode", "snapshot")
                    .withSource("scan.max.keys.per.second", "10000")
                    .withSource("transaction.max.records", "1000")
                    .withSourceOn(worker)
                    .start();
            await().atMost(Flow.PATIENCE).until(() -> mirror.target().number("DBSIZE") > KEYS / 2);
            worker.kill();
            worker.start();
            awaitSnapshot();
            long read = Long.parseLong(
                    mirror.source().info("commandstats", "cmdstat_dump").replaceFirst("calls=(\\d+),.*", "$1"));
            assertThat(read).isBetween((long) KEYS, KEYS + KEYS / 20L);
            assertThat(new Topic(flow).snapshots()).hasSize(1);
            mirror.assertEqual();
        } finally {
            // Whose REST is there to delete the connector by.
            flow.withSourceOn(Platform.shared().worker());
        }
    }

    /** Keyspace events, tracking: what the server tells of while it is written to, and after it could tell nobody. */
    @ParameterizedTest
    @ValueSource(strings = {"keyspace", "tracking"})
    void changesFollow(String feed) throws InterruptedException {
        mirror.source().call("SET", "before", "x");
        flow.withSource("scan.mode", "live")
                .withSource("live.feed", feed)
                .withSource("notify.configure", "true")
                .start();
        awaitSnapshot();
        new LiveMix(mirror.source(), "live").run();
        awaitEqual();
        try (ScanLoad load = new ScanLoad(mirror.from())) {
            load.start();
            Thread.sleep(CUT_MS);
            mirror.source().call("CLIENT", "KILL", "TYPE", "pubsub");
            Thread.sleep(CUT_MS);
            mirror.source().call("SELECT", 3);
            mirror.source().call("FLUSHDB");
            mirror.source().call("SELECT", 0);
            Thread.sleep(CUT_MS);
        }
        awaitEqual();
        awaitSnapshot();
        assertThat(new Topic(flow).snapshots().size()).as("scans").isGreaterThanOrEqualTo(3);
        flow.finish();
        // Of a key that has expired, the one server may still have the remains.
        await().atMost(Flow.PATIENCE)
                .untilAsserted(() -> assertThat(mirror.target().digest())
                        .isEqualTo(mirror.source().digest()));
        assertThat(mirror.source().text("CONFIG", "GET", "notify-keyspace-events"))
                .isEqualTo("[notify-keyspace-events, ]");
    }

    /** The same states, but with the reliability of replication: a lost connection is no gap. */
    @Test
    void aReplicaTellsStates() throws InterruptedException {
        mirror.source().call("CONFIG", "SET", "repl-backlog-size", "67108864");
        new LiveMix(mirror.source(), "before").run();
        flow.withSource("capture.mode", "replica")
                .withSource("change.format", "state")
                .withSource("event.queue", "200")
                .start();
        awaitSnapshot();
        new LiveMix(mirror.source(), "live").run();
        try (ScanLoad load = new ScanLoad(mirror.from())) {
            load.start();
            Thread.sleep(CUT_MS);
            mirror.source().call("CLIENT", "KILL", "TYPE", "replica");
            mirror.source().call("SELECT", 3);
            mirror.source().call("FLUSHDB");
            mirror.source().call("SWAPDB", 5, 6);
            mirror.source().call("SELECT", 0);
            Thread.sleep(CUT_MS);
        }
        awaitEqual();
        assertThat(mirror.source().info("stats", "sync_full")).isEqualTo("1");
        assertThat(new Topic(flow).committed())
                .extracting(entry -> entry.change().op())
                .contains(Op.SET, Op.DEL, Op.FLUSH, Op.SWAPDB, Op.FUNCTION)
                .doesNotContain(Op.COMMAND);
    }

    @Test
    void evictedKeysFollow() {
        mirror.source().call("CONFIG", "SET", "notify-keyspace-events", "KA");
        flow.withSource("scan.mode", "live").start();
        awaitSnapshot();
        mirror.source().call("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
        mirror.source().call("CONFIG", "SET", "maxmemory", "8mb");
        for (int i = 0; i < 10_000; i++) {
            mirror.source().call("SET", "key:" + i, "x".repeat(1_000));
        }
        assertThat(Long.parseLong(mirror.source().info("stats", "evicted_keys")))
                .isGreaterThan(100);
        mirror.source().call("CONFIG", "SET", "maxmemory", "0");
        awaitEqual();
        mirror.assertEqual();
    }

    private void awaitSnapshot() {
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    assertRunning();
                    assertThat(mirror.target().text("HGET", flow.checkpointKey(), "snapshot"))
                            .isEqualTo("closed");
                });
    }

    /** Key by key: the checkpoint is in the target only. */
    private void awaitEqual() {
        await().atMost(Flow.PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
            assertRunning();
            assertThat(digests(mirror.target())).isEqualTo(digests(mirror.source()));
        });
    }

    private static Map<String, String> digests(RedisClientOf redis) {
        Map<String, String> digests = new TreeMap<>();
        for (int db = 0; db < 16; db++) {
            redis.call("SELECT", db);
            for (Object key : (List<?>) redis.call("KEYS", "*")) {
                String name = RedisClientOf.textOf(key);
                if (!name.startsWith("__redis-cdc:")) {
                    digests.put(
                            db + ":" + name, redis.text("DEBUG", "DIGEST-VALUE", key) + redis.text("PEXPIRETIME", key));
                }
            }
        }
        redis.call("SELECT", 0);
        return digests;
    }

    private void assertRunning() {
        assertThat(flow.sourceRest().status(flow.sourceName()).failure()).isNull();
        assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
    }
}
