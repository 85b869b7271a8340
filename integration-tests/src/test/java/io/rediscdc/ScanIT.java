package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Op;
import io.rediscdc.standalone.process.ConnectWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source that is read by SCAN, end to end. */
class ScanIT {

    /** For a million, run with -Dscan.keys=1000000. */
    private static final int KEYS = Integer.getInteger("scan.keys", 60_000);

    /**
     * The most that has been read when a worker is killed and is read again, however slow Kafka is meanwhile. With the
     * options below: 2,150 that wait to be handed out (2,000, and a batch of each thread behind them and another beside); a
     * transaction not quite full and a poll more, 400; and of pages of which the one thread has not read its part yet, 250.
     */
    private static final long IN_FLIGHT = 2_800;

    /** For how long there is load before, between and after what the server does not tell of. */
    private static final int LOAD_MS = Integer.getInteger("scan.load.ms", 1_000);

    /** 0: the connection for events is cut once. For 10 s without it, run with -Dscan.cut.ms=10000. */
    private static final int CUT_MS = Integer.getInteger("scan.cut.ms", 0);

    /** For 20 million, run with -Dscan.members=20000000. */
    private static final int MEMBERS = Integer.getInteger("scan.members", 50_000);

    /** Then a worker of its own, whose memory is looked at. */
    private static final boolean LONG = MEMBERS > 1_000_000;

    private static final int FILLED = 50_000;
    private static final String FILL =
            "for i = ARGV[1], ARGV[2] do redis.call('SADD', KEYS[1], 'member:' .. string.format('%d', i)) end";

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
                    .withSource("scan.count", "100")
                    .withSource("read.queue", "1")
                    .withSource("poll.max.records", "200")
                    .withSource("transaction.max.records", "200")
                    .withSourceOn(worker)
                    .start();
            await().atMost(Flow.PATIENCE).until(() -> mirror.target().number("DBSIZE") > KEYS / 2);
            worker.kill();
            worker.start();
            awaitSnapshot();
            long read = mirror.source().calls("dump");
            System.out.printf("Scan of %,d keys, worker killed in the middle: %,d read%n", KEYS, read);
            assertThat(read).isBetween((long) KEYS, KEYS + IN_FLIGHT);
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
            Thread.sleep(LOAD_MS);
            cutFeed();
            Thread.sleep(LOAD_MS);
            mirror.source().call("SELECT", 3);
            mirror.source().call("FLUSHDB");
            mirror.source().call("SELECT", 0);
            Thread.sleep(LOAD_MS);
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

    /** For as long, whoever connects anew is cut off again. */
    private void cutFeed() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CUT_MS);
        int cut = 0;
        while (cut == 0 || System.nanoTime() - end < 0) {
            cut += (int) mirror.source().number("CLIENT", "KILL", "TYPE", "pubsub");
            Thread.sleep(20);
        }
    }

    /**
     * What else changes arrives before the set has, and while it is read again and again. The rate is there to give the
     * others time: with many members it is none.
     */
    @Test
    void aLargeSetThatChangesAllTheTimeHoldsUpNoOtherKey() throws Exception {
        for (int from = 0; from < MEMBERS; from += FILLED) {
            mirror.source().call("EVAL", FILL, 1, "large", from, from + FILLED - 1);
        }
        flow.withSource("scan.mode", "live")
                .withSource("notify.configure", "true")
                .withSource("max.record.bytes", "100000")
                .withSource("scan.max.bytes.per.second", Long.toString(6L * MEMBERS));
        try (WorkerGroup group = LONG ? new WorkerGroup("scan-large", 1, Map.of()) : null;
                SetLoad load = new SetLoad(mirror.from(), "large", MEMBERS)) {
            if (LONG) {
                flow.withSourceOn(group.worker(0)).withSinkOn(group.worker(0));
            }
            flow.start();
            awaitOther(0);
            load.start();
            List<Long> before = new ArrayList<>();
            List<Long> after = new ArrayList<>();
            for (int round = 1; after.size() < (LONG ? 1_000 : 5); round++) {
                boolean there = mirror.target().number("SCARD", "large") > 0;
                (there ? after : before).add(awaitOther(round));
            }
            assertThat(before).as("others that did not wait for the set").isNotEmpty();
            load.stop();
            long size = mirror.source().number("SCARD", "large");
            await().atMost(Duration.ofMinutes(10))
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> mirror.target().number("SCARD", "large") == size);
            awaitEqual();
            if (LONG) {
                System.out.printf(
                        "SET of %,d changed %,d times, others [ms]: before it is there %s, later %s; worker %s%n",
                        MEMBERS,
                        load.changes(),
                        quantiles(before),
                        quantiles(after),
                        LargeValueIT.mostMemory(group.worker(0)));
            }
        } finally {
            flow.withSourceOn(Platform.shared().worker())
                    .withSinkOn(Platform.shared().worker());
        }
    }

    private static String quantiles(List<Long> ms) {
        List<Long> sorted = ms.stream().sorted().toList();
        int size = sorted.size();
        return "median " + sorted.get(size / 2) + ", 99 % " + sorted.get(size * 99 / 100) + ", longest "
                + sorted.get(size - 1);
    }

    private long awaitOther(int round) {
        long start = System.nanoTime();
        mirror.source().call("SET", "other", round);
        String wanted = Integer.toString(round);
        await().atMost(Flow.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> wanted.equals(mirror.target().text("GET", "other")));
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
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
            String prefix = db + ":";
            redis.contents().forEach((key, value) -> digests.put(prefix + key, value));
        }
        redis.call("SELECT", 0);
        return digests;
    }

    private void assertRunning() {
        assertThat(flow.sourceRest().status(flow.sourceName()).failure()).isNull();
        assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
    }
}
