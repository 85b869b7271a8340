package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Position;
import io.rediscdc.standalone.process.ConnectWorker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker that stands still until its tasks have been given to another one, and then goes on with them. */
class ZombieIT {

    private static final int TRANSACTIONS = 8_000;

    private static WorkerGroup group;

    private Mirror mirror;
    private Flow flow;

    @BeforeAll
    static void startWorkers() {
        group = new WorkerGroup("zombie", 2, Map.of());
    }

    @AfterAll
    static void stopWorkers() {
        group.close();
    }

    @BeforeEach
    void prepareFlow() {
        mirror = new Mirror("zombie", "--repl-backlog-size", "64mb");
        flow = mirror.flow()
                // A worker that has just started, on a busy machine
                .with("connection.validation.timeout.ms", "20000")
                .withSink("consumer.override.session.timeout.ms", "2000")
                .withSink("consumer.override.heartbeat.interval.ms", "500");
    }

    @AfterEach
    void endFlow() {
        mirror.close();
    }

    @Test
    void aSinkTaskThatWakesUpWritesNothingMore() {
        // Many small batches of one poll: whenever it is paused, it is in the middle of them.
        flow.withSinkOn(group.worker(0))
                .withSink("batch.max.records", "10")
                .start()
                .awaitCaughtUp();
        mirror.stopSink();
        for (int i = 0; i < TRANSACTIONS; i++) {
            mirror.source().call("EVAL", "for i = 1, 10 do redis.call('INCR', 'counter') end", "0");
        }
        flow.sinkRest().resume(flow.sinkName());
        ConnectWorker zombie = awaitOwner(flow.sinkName(), null);
        awaitOfTarget(TRANSACTIONS);
        WorkerGroup.pause(zombie);
        try {
            assertThat(mirror.target().number("GET", "counter")).isLessThan(10L * TRANSACTIONS);
            ConnectWorker successor = group.other(zombie);
            flow.withSinkOn(successor);
            long paused = mirror.target().number("GET", "counter");
            awaitOwner(flow.sinkName(), zombie);
            awaitOfTarget(paused + 10);
            WorkerGroup.wake(zombie);
            flow.awaitCaughtUp();
            String writer = mirror.target().text("HGET", flow.checkpointKey(), "writer");
            mirror.increment(10);
            flow.awaitCaughtUp();
            assertThat(mirror.target().text("HGET", flow.checkpointKey(), "writer"))
                    .isEqualTo(writer);
            assertThat(mirror.target().number("GET", "counter")).isEqualTo(10L * TRANSACTIONS + 10);
        } finally {
            WorkerGroup.wake(zombie);
        }
        mirror.assertEqualAfterSnapshots(1);
    }

    @Test
    void aSourceTaskThatWakesUpLeavesNoRecord() throws InterruptedException {
        flow.withSourceOn(group.worker(0)).start().awaitCaughtUp();
        ConnectWorker zombie = awaitOwner(flow.sourceName(), null);
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer = new Thread(() -> write(writing));
        writer.start();
        try {
            awaitOfTarget(1_000);
            WorkerGroup.pause(zombie);
            flow.withSourceOn(group.other(zombie));
            long paused = mirror.target().number("GET", "counter");
            awaitOwner(flow.sourceName(), zombie);
            awaitOfTarget(paused + 1_000);
            WorkerGroup.wake(zombie);
            Thread.sleep(3_000);
        } finally {
            writing.set(false);
            writer.join();
            WorkerGroup.wake(zombie);
        }
        flow.awaitCaughtUp();
        assertIsOneChain();
        mirror.assertEqualAfterSnapshots(1);
    }

    private void assertIsOneChain() {
        Position last = Position.NONE;
        for (Topic.Entry entry : new Topic(flow).committed()) {
            assertThat(entry.change().stamp().prev())
                    .as("what the record at offset %s follows", entry.offset())
                    .isEqualTo(last);
            last = entry.change().stamp().position();
        }
    }

    private void write(AtomicBoolean writing) {
        try (RedisClientOf client = new RedisClientOf(mirror.from())) {
            for (int i = 0; writing.get(); i++) {
                client.call("INCR", "counter");
                client.call("RPUSH", "list", i);
            }
        }
    }

    /** Waits until a task of the connector runs on a worker other than that one, null for any. */
    private ConnectWorker awaitOwner(String connector, ConnectWorker notThat) {
        ConnectWorker asked = notThat == null ? group.worker(0) : group.other(notThat);
        return await().atMost(Flow.PATIENCE)
                .ignoreExceptions()
                .until(() -> group.ownerOf(connector, asked.rest()), owner -> owner != null && owner != notThat);
    }

    private void awaitOfTarget(long wanted) {
        await().atMost(Flow.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> mirror.target().call("GET", "counter") != null
                        && mirror.target().number("GET", "counter") >= wanted);
    }
}
