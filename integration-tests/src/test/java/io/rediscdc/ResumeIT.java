package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectRestException;
import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What has been read goes on where it was: by partial resynchronisation, each command applied once. */
class ResumeIT {

    private Mirror mirror;
    private Flow flow;

    @BeforeEach
    void startFlow() {
        mirror = new Mirror("resume", "--repl-backlog-size", "64mb");
        flow = mirror.flow();
        flow.source().call("SELECT", "3");
        flow.source().call("SET", "in three", "x");
        flow.source().call("INCR", "counter");
        flow.start().awaitCaughtUp();
    }

    @AfterEach
    void stopServers() {
        mirror.close();
    }

    @Test
    void aWorkerStoppedAndStartedAgainContinues() {
        Platform.shared().worker().restart();
        mirror.increment(100);
        flow.awaitCaughtUp();
        mirror.assertEqualAfterSnapshots(1);
    }

    /** Also of a flow beside it, which tells states: some of them are ahead of the point that it goes on from. */
    @Test
    void aWorkerKilledWhileMuchIsWrittenLosesAndDoublesNothing() throws InterruptedException {
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer = new Thread(() -> write(writing));
        try (RedisServer second = RedisServer.running();
                Flow states = new Flow("resume-states", mirror.from(), second)) {
            // The values grow, and each state has all of one.
            states.withSource("change.format", "state")
                    .withSource("flush.interval.ms", "500")
                    .start()
                    .awaitCaughtUp();
            writer.start();
            try {
                for (int i = 0; i < 2; i++) {
                    Thread.sleep(1500);
                    Platform.shared().worker().kill();
                    Platform.shared().worker().start();
                }
            } finally {
                writing.set(false);
                writer.join();
            }
            flow.awaitCaughtUp();
            await().atMost(Flow.PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(written(states.target())).isEqualTo(written(states.source())));
            mirror.assertEqualAfterSnapshots(2);
        }
    }

    private static String written(RedisClientOf redis) {
        redis.call("SELECT", "3");
        return redis.text("DEBUG", "DIGEST-VALUE", "in three", "counter", "list", "left", "right", "stream");
    }

    @Test
    void cutConnectionsAreMadeAnew() {
        for (int i = 0; i < 20; i++) {
            for (int j = 0; j < 50; j++) {
                flow.source().call("INCR", "counter");
                flow.source().call("APPEND", "text", "word ");
            }
            flow.source().call("CLIENT", "KILL", "TYPE", i % 2 == 0 ? "replica" : "pubsub");
            flow.target().call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        }
        flow.awaitCaughtUp();
        mirror.assertEqualAfterSnapshots(1);
        assertThat(Long.parseLong(flow.source().info("stats", "sync_partial_ok")))
                .isPositive();
    }

    @Test
    void offsetsAreShownAndCanBeAltered() {
        ConnectRest rest = Platform.shared().rest();
        JsonNode shown = rest.offsets(flow.sourceName()).at("/offsets/0");
        assertThat(shown.at("/partition/source").asText()).isEqualTo(flow.name);
        assertThat(shown.at("/offset/replid").asText()).isEqualTo(flow.source().info("replication", "master_replid"));
        rest.stop(flow.sourceName());
        flow.source().call("INCR", "counter");

        assertThatThrownBy(() -> alter(Map.of("format", 1, "phase", "stream")))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining("'last'");
        rest.deleteOffsets(flow.sourceName());
        rest.resume(flow.sourceName());
        flow.awaitCaughtUp();

        mirror.assertEqualAfterSnapshots(2);
    }

    private void alter(Map<String, ?> offset) {
        Map<String, ?> partition = flow.sourcePartition();
        Platform.shared()
                .rest()
                .patchOffsets(
                        flow.sourceName(),
                        Map.of("offsets", List.of(Map.of("partition", partition, "offset", offset))));
    }

    private void write(AtomicBoolean writing) {
        try (RedisClientOf writer = new RedisClientOf(mirror.from())) {
            writer.call("SELECT", "3");
            for (int i = 0; writing.get(); i++) {
                writer.call("INCR", "counter");
                writer.call("RPUSH", "list", i);
                writer.call("MULTI");
                writer.call("DECR", "left");
                writer.call("INCR", "right");
                writer.call("EXEC");
                writer.call("XADD", "stream", "*", "i", i);
                // Some thousand commands a second: what counts is that there is always something under way.
                LockSupport.parkNanos(500_000);
            }
        }
    }
}
