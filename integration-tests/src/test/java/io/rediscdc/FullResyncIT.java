package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The backlog no longer holds what follows: a new snapshot replaces what the target has, without emptying it. */
class FullResyncIT {

    private static final int KEYS = 5_000;

    private final ConnectRest rest = Platform.shared().rest();
    private RedisServer from;
    private RedisServer to;
    private Flow flow;

    @BeforeEach
    void startFlow() {
        from = RedisServer.running("--repl-backlog-size", "16kb");
        to = RedisServer.running();
        flow = new Flow("full-resync", from, to);
        for (int db : new int[] {0, 5, 9}) {
            flow.source().call("SELECT", db);
            flow.source().call("SET", "steady", "x");
            for (int i = 0; i < KEYS; i++) {
                flow.source().call("SET", "key:" + i, "value");
            }
        }
        flow.source().call("FUNCTION", "LOAD", library("kept"));
        flow.source().call("FUNCTION", "LOAD", library("gone"));
        flow.start().awaitCaughtUp();
    }

    @AfterEach
    void stopServers() {
        flow.close();
        from.close();
        to.close();
    }

    @Test
    void whatVanishedInTheGapIsRemovedAndTheRestIsAlwaysThere() throws InterruptedException {
        AtomicBoolean polling = new AtomicBoolean(true);
        AtomicLong found = new AtomicLong();
        AtomicLong missed = new AtomicLong();
        Thread poller = new Thread(() -> poll(polling, found, missed));
        poller.start();
        try {
            rest.stop(flow.sourceName());
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(flow.source().info("replication", "connected_slaves"))
                            .isEqualTo("0"));
            changeMoreThanTheBacklogHolds();
            rest.resume(flow.sourceName());
            flow.awaitCaughtUp();
            flow.source().call("INCR", "afterwards");
            flow.awaitCaughtUp();
        } finally {
            polling.set(false);
            poller.join();
        }
        assertThat(flow.source().info("stats", "sync_full")).isEqualTo("2");
        assertThat(flow.target().text("FUNCTION", "LIST")).contains("kept").doesNotContain("gone");
        flow.finish();
        assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
        assertThat(missed).hasValue(0);
        assertThat(found.get()).isGreaterThan(100);
    }

    private void changeMoreThanTheBacklogHolds() {
        flow.source().call("SELECT", "9");
        flow.source().call("FLUSHDB");
        for (int db : new int[] {0, 5}) {
            flow.source().call("SELECT", db);
            for (int i = 0; i < KEYS; i += 3) {
                flow.source().call("DEL", "key:" + i);
            }
        }
        for (int i = 0; i < 1024; i++) {
            flow.source().call("SET", "new:" + i, "x".repeat(1024));
        }
        flow.source().call("FUNCTION", "DELETE", "gone");
    }

    private void poll(AtomicBoolean polling, AtomicLong found, AtomicLong missed) {
        try (RedisClientOf reader = new RedisClientOf(to)) {
            while (polling.get()) {
                for (int db : new int[] {0, 5}) {
                    reader.call("SELECT", db);
                    (reader.number("EXISTS", "steady", "key:1") == 2 ? found : missed).incrementAndGet();
                }
            }
        }
    }

    private static String library(String name) {
        return "#!lua name=" + name + "\nredis.register_function('" + name + "', function() return 1 end)";
    }
}
