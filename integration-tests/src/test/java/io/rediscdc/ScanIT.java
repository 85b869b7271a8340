package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.ConnectWorker;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A source that is read by SCAN, end to end. */
class ScanIT {

    /** For a million, run with -Dscan.keys=1000000. */
    private static final int KEYS = Integer.getInteger("scan.keys", 30_000);

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
                    .withSource("scan.max.keys.per.second", Integer.toString(KEYS / 6))
                    .withSource("transaction.max.records", Integer.toString(KEYS / 50))
                    .withSourceOn(worker)
                    .start();
            await().atMost(Flow.PATIENCE)
                    .until(() -> mirror.target().number("DBSIZE") > KEYS / 2);
            worker.kill();
            worker.start();
            awaitSnapshot();
            long read = Long.parseLong(mirror.source()
                    .info("commandstats", "cmdstat_dump")
                    .replaceFirst("calls=(\\d+),.*", "$1"));
            assertThat(read).isBetween((long) KEYS, KEYS + KEYS / 20L);
            assertThat(new Topic(flow).snapshots()).hasSize(1);
            mirror.assertEqual();
        }
    }

    private void awaitSnapshot() {
        await().atMost(Duration.ofMinutes(5)).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            assertThat(flow.sourceRest().status(flow.sourceName()).failure()).isNull();
            assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
            assertThat(mirror.target().text("HGET", flow.checkpointKey(), "snapshot"))
                    .isEqualTo("closed");
            assertThat(mirror.target().text("HGET", flow.checkpointKey(), "ttl"))
                    .isEqualTo("exact");
        });
    }
}
