package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The backlog no longer holds what follows: a new snapshot replaces what the target has, without emptying it. */
class FullResyncIT {

    private static final int KEYS = 5_000;

    private Mirror mirror;
    private Flow flow;

    @BeforeEach
    void startFlow() {
        mirror = new Mirror("full-resync", "--repl-backlog-size", "16kb");
        flow = mirror.flow();
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
        mirror.close();
    }

    @Test
    void whatVanishedInTheGapIsRemovedAndTheRestIsAlwaysThere() throws InterruptedException {
        AtomicBoolean polling = new AtomicBoolean(true);
        AtomicLong found = new AtomicLong();
        AtomicLong missed = new AtomicLong();
        Thread poller = new Thread(() -> poll(polling, found, missed));
        poller.start();
        try {
            mirror.stopSource();
            changeMoreThanTheBacklogHolds();
            flow.sourceRest().resume(flow.sourceName());
            flow.awaitCaughtUp();
            flow.source().call("INCR", "afterwards");
            flow.awaitCaughtUp();
        } finally {
            polling.set(false);
            poller.join();
        }
        assertThat(flow.target().text("FUNCTION", "LIST")).contains("kept").doesNotContain("gone");
        mirror.assertEqualAfterSnapshots(2);
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
        try (RedisClientOf reader = new RedisClientOf(mirror.to())) {
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
