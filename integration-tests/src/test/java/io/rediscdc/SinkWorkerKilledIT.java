package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.ConnectWorker;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of the sink's worker between a batch and the commit of its offset. It is between whenever it comes, since
 * the worker commits once an hour.
 */
class SinkWorkerKilledIT {

    /** For 50 of them, run with -Dfaults.kills=50. */
    private static final int KILLS = Integer.getInteger("faults.kills", 2);

    private static WorkerGroup group;
    private static ConnectWorker worker;

    private Mirror mirror;
    private Flow flow;

    @BeforeAll
    static void startWorker() {
        group = new WorkerGroup("killed", 1, Map.of("offset.flush.interval.ms", "3600000"));
        worker = group.worker(0);
    }

    @AfterAll
    static void stopWorker() {
        group.close();
    }

    @BeforeEach
    void startFlow() {
        mirror = new Mirror("killed", "--repl-backlog-size", "64mb");
        flow = mirror.flow()
                .withSinkOn(worker)
                // A worker that has just started, on a busy machine
                .with("connection.validation.timeout.ms", "20000")
                .withSink("consumer.override.session.timeout.ms", "2000")
                .withSink("consumer.override.heartbeat.interval.ms", "500")
                .withSink("batch.max.records", "50");
        mirror.increment(1);
        flow.start().awaitCaughtUp();
    }

    @AfterEach
    void endFlow() {
        if (!worker.isAlive()) {
            worker.start();
        }
        mirror.close();
    }

    @Test
    void countersStayExact() {
        for (int kill = 1; kill <= KILLS; kill++) {
            long before = mirror.target().number("GET", "counter");
            mirror.increment(2_000);
            await().atMost(Flow.PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> mirror.target().number("GET", "counter") > before);
            worker.kill();
            assertThat(mirror.target().number("HGET", flow.checkpointKey(), "offset"))
                    .as("applied, beside what Kafka knows of it")
                    .isGreaterThan(new Topic(flow).committedBy(flow.sinkName()));
            worker.start();
        }
        flow.awaitCaughtUp();
        assertThat(mirror.target().number("GET", "counter")).isEqualTo(1 + 2_000 * KILLS);
        assertThat(new Topic(flow).snapshots()).hasSize(1);
        mirror.assertEqualAfterSnapshots(1);
    }

    @Test
    void goesOnFromItsCheckpointAfterFlushAndSwap() {
        String[][] events = {
            {"SWAPDB", "0", "5"},
            {"FLUSHDB"},
            {"SWAPDB", "3", "4"},
            {"FLUSHALL"},
            {"SWAPDB", "7", "0"},
            {"FLUSHDB", "ASYNC"}
        };
        for (int i = 0; i < events.length; i++) {
            mirror.source().call("SELECT", i % 2 == 0 ? "0" : "5");
            mirror.increment(30);
            mirror.source().call("SET", "of event " + i, "x");
            mirror.source().call((Object[]) events[i]);
            mirror.increment(30);
        }
        flow.awaitCaughtUp();
        worker.kill();
        mirror.increment(30);
        worker.start();
        flow.awaitCaughtUp();
        assertThat(new Topic(flow).snapshots()).hasSize(1);
        mirror.assertEqualAfterSnapshots(1);
    }
}
