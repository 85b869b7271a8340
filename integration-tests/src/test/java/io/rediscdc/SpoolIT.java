package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that does not answer is no reason for the source to drop us, and the metrics say what goes on. With
 * {@code -Dspool.seconds=60 -Dspool.megabytes=20}: for a minute, under 20 MB/s.
 */
class SpoolIT {

    private static final Pattern REPLICA_ID = Pattern.compile("^id=(\\d+) ");
    private static final int SECONDS = Integer.getInteger("spool.seconds", 13);
    private static final int MEGABYTES_PER_SECOND = Integer.getInteger("spool.megabytes", 8);
    private static final int VALUE_BYTES = 100_000;
    private static final int KEYS = 1000;
    private static final long MEMORY_BYTES = 16 << 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final JmxNumbers jmx = new JmxNumbers();
    private long highestMemory;
    private long highestFile;
    private long highestAge;
    private long stalls;

    @Test
    void aStoppedBrokerDoesNotTripTheSourcesOutputBufferLimit() throws InterruptedException {
        try (RedisServer from = RedisServer.running(
                        "--client-output-buffer-limit", "replica", "16mb", "8mb", "10", "--repl-backlog-size", "1mb");
                RedisServer to = RedisServer.running();
                ConnectWorker patient = patientWorker();
                Flow flow = new Flow("spool", from, to)
                        .withSourceOn(patient)
                        // Two workers that have just been started, on a machine that may be busy.
                        .with("connection.validation.timeout.ms", "30000")
                        .withSource("spool.memory.bytes", Long.toString(MEMORY_BYTES))
                        .withSource("transaction.max.records", "100")) {
            flow.start().awaitCaughtUp();
            String link = replicaId(flow.source());
            assertThat(metric(flow, "connected")).isEqualTo(1);
            assertThat(metric(flow, "full-syncs-total")).isEqualTo(1);

            AtomicBoolean writing = new AtomicBoolean(true);
            AtomicLong written = new AtomicLong();
            Thread writer = new Thread(() -> write(from, writing, written));
            // Killed, not frozen: a group coordinator that wakes up has expelled the worker, which then starts its
            // tasks anew.
            Platform.shared().broker().kill();
            writer.start();
            try {
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
                while (System.nanoTime() < end) {
                    Thread.sleep(500);
                    observe(flow);
                }
            } finally {
                Platform.shared().broker().start();
                writing.set(false);
                writer.join();
            }
            long back = System.nanoTime();
            await().atMost(Duration.ofMinutes(5))
                    .until(() -> flow.target().text("GET", "counter").equals(Long.toString(written.get())));
            long caughtUpMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back);
            flow.awaitCaughtUp();

            assertThat(replicaId(flow.source())).as("the same connection").isEqualTo(link);
            assertThat(flow.source().info("stats", "sync_full")).isEqualTo("1");
            assertThat(flow.source().info("stats", "sync_partial_ok")).isEqualTo("0");
            assertTheMetricsMoved(flow);
            flow.finish();
            assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
            System.out.printf(
                    "Broker away for %d s under %d MB/s: %d MB written; spool up to %d bytes of heap and %d MB of files;"
                            + " oldest byte %d ms; equal %d ms after the broker was back%n",
                    SECONDS,
                    MEGABYTES_PER_SECOND,
                    written.get() * VALUE_BYTES / 1_000_000,
                    highestMemory,
                    highestFile >> 20,
                    highestAge,
                    caughtUpMs);
        }
    }

    @AfterEach
    void closeJmx() {
        jmx.close();
    }

    /** What was seen while the broker was away, and that all of it is over. */
    private void assertTheMetricsMoved(Flow flow) {
        assertThat(highestAge).isGreaterThan(TimeUnit.SECONDS.toMillis(SECONDS - 5));
        assertThat(highestMemory).isBetween(MEMORY_BYTES / 2, MEMORY_BYTES + 256 * 1024);
        assertThat(highestFile).isGreaterThan((SECONDS - 5L) * MEGABYTES_PER_SECOND * 1_000_000 - MEMORY_BYTES);
        assertThat(stalls).isZero();
        await().untilAsserted(() -> {
            assertThat(metric(flow, "lag-bytes")).isLessThan(1000);
            assertThat(metric(flow, "spool-oldest-age-ms")).isLessThan(1000);
            assertThat(metric(flow, "spool-file-bytes")).isZero();
        });
        assertThat(metric(flow, "position-offset"))
                .isGreaterThan((long) SECONDS * MEGABYTES_PER_SECOND * 900_000)
                .isLessThanOrEqualTo(Long.parseLong(flow.source().info("replication", "master_repl_offset")));
        assertThat(metric(flow, "records-total")).isGreaterThan(10L * SECONDS * MEGABYTES_PER_SECOND / 2);
        assertThat(metric(flow, "reconnects-total") + metric(flow, "partial-syncs-total"))
                .isZero();
    }

    private void observe(Flow flow) {
        highestMemory = Math.max(highestMemory, metric(flow, "spool-memory-bytes"));
        highestFile = Math.max(highestFile, metric(flow, "spool-file-bytes"));
        highestAge = Math.max(highestAge, metric(flow, "spool-oldest-age-ms"));
        stalls += metric(flow, "spool-stalled");
    }

    private long metric(Flow flow, String name) {
        return jmx.number(flow.sourceName(), name);
    }

    /**
     * By default a worker that misses its group's coordinator for 3 s (heartbeat.interval.ms) stops all tasks
     * (WorkerCoordinator, poll), spool and all. With one broker, that would be the end of this test.
     */
    private ConnectWorker patientWorker() {
        ConnectWorker worker = new ConnectWorker(
                Home.fromSystemProperty(),
                directory,
                Platform.shared().broker().bootstrap(),
                ConnectWorker.DEFAULT_HEAP,
                Map.of(
                        "group.id", "patient",
                        "config.storage.topic", "patient-configs",
                        "offset.storage.topic", "patient-offsets",
                        "status.storage.topic", "patient-status",
                        "heartbeat.interval.ms", "300000",
                        "session.timeout.ms", "600000"),
                jmx.environment());
        worker.start();
        return worker;
    }

    /** At the rate wanted, as long as wanted. */
    private static void write(RedisServer from, AtomicBoolean writing, AtomicLong written) {
        byte[] value = new byte[VALUE_BYTES];
        Random random = new Random(1);
        long start = System.nanoTime();
        long interval = 1_000L * VALUE_BYTES / MEGABYTES_PER_SECOND;
        try (RedisClientOf source = new RedisClientOf(from)) {
            while (writing.get()) {
                random.nextBytes(value);
                source.call("SET", "key " + written.get() % KEYS, value);
                source.call("INCR", "counter");
                long due = start + written.incrementAndGet() * interval;
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String replicaId(RedisClientOf source) {
        Matcher id = REPLICA_ID.matcher(source.text("CLIENT", "LIST", "TYPE", "replica"));
        assertThat(id.find()).as("a replica").isTrue();
        return id.group(1);
    }
}
