package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.RedisServer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that does not answer is no reason for the source to drop us. */
class SpoolIT {

    private static final Pattern REPLICA_ID = Pattern.compile("^id=(\\d+) ");
    private static final int STOPPED_MS = 13_000;
    private static final int WRITES = 1000;

    @TempDir
    private Path directory;

    @Test
    void aStoppedBrokerDoesNotTripTheSourcesOutputBufferLimit() throws InterruptedException {
        try (RedisServer from = RedisServer.running(
                        "--client-output-buffer-limit", "replica", "16mb", "8mb", "10", "--repl-backlog-size", "1mb");
                RedisServer to = RedisServer.running();
                ConnectWorker patient = patientWorker();
                Flow flow = new Flow("spool", from, to)
                        .withSourceOn(patient)
                        .withSource("spool.memory.bytes", Integer.toString(16 << 20))
                        .withSource("transaction.max.records", "100")) {
            flow.start().awaitCaughtUp();
            String link = replicaId(flow.source());

            // Killed, not frozen: a group coordinator that wakes up has expelled the worker, which then starts its
            // tasks anew.
            Platform.shared().broker().kill();
            try {
                writeForAWhile(flow.source());
            } finally {
                Platform.shared().broker().start();
            }
            flow.awaitCaughtUp();

            assertThat(replicaId(flow.source())).as("the same connection").isEqualTo(link);
            assertThat(flow.source().info("stats", "sync_full")).isEqualTo("1");
            assertThat(flow.source().info("stats", "sync_partial_ok")).isEqualTo("0");
            flow.finish();
            assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
        }
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
                        "heartbeat.interval.ms", "60000",
                        "session.timeout.ms", "120000"),
                Map.of());
        worker.start();
        return worker;
    }

    /** About 100 MB. */
    private static void writeForAWhile(RedisClientOf source) throws InterruptedException {
        byte[] value = new byte[100_000];
        Random random = new Random(1);
        for (int i = 0; i < WRITES; i++) {
            random.nextBytes(value);
            source.call("SET", "key " + i, value);
            source.call("INCR", "counter");
            Thread.sleep(STOPPED_MS / WRITES);
        }
    }

    private static String replicaId(RedisClientOf source) {
        Matcher id = REPLICA_ID.matcher(source.text("CLIENT", "LIST", "TYPE", "replica"));
        assertThat(id.find()).as("a replica").isTrue();
        return id.group(1);
    }
}
