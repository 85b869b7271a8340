package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The target dies and comes back with an old RDB: what it lost comes from the topic, without a snapshot. */
class TargetRestoredIT {

    /** For a file of 30 s before, run with -Dfaults.rdb.age.ms=30000. */
    private static final long AGE_MS = Long.getLong("faults.rdb.age.ms", 1_500);

    private Mirror mirror;
    private Flow flow;

    @BeforeEach
    void startFlow() {
        mirror = new Mirror("restored");
        flow = mirror.flow();
        mirror.increment(1_000);
        mirror.source().call("SET", "old", "x");
        flow.start().awaitCaughtUp();
    }

    @AfterEach
    void stop() {
        mirror.close();
    }

    @Test
    void isBroughtUpToDateFromTheTopic() throws InterruptedException {
        mirror.increment(100);
        flow.awaitCaughtUp();
        List<Long> snapshots = new Topic(flow).snapshots();
        long epoch = flow.applied().epoch();
        mirror.target().call("SAVE");
        long saved = mirror.target().number("GET", "counter");
        long savedAt = System.nanoTime();
        while ((System.nanoTime() - savedAt) / 1_000_000 < AGE_MS) {
            mirror.increment(50);
            mirror.source().call("MULTI");
            mirror.source().call("DECR", "left");
            mirror.source().call("INCR", "right");
            mirror.source().call("EXEC");
            mirror.source().call("DEL", "old");
            Thread.sleep(1);
        }
        flow.awaitCaughtUp();
        mirror.to().kill();
        mirror.increment(100);
        mirror.to().start();
        flow.awaitCaughtUp();
        // The server that came back knew nothing of what was counted since the file: it was told all of it.
        assertThat(mirror.target().calls("incr"))
                .isGreaterThanOrEqualTo(mirror.source().number("GET", "counter") - saved);

        assertThat(flow.applied().epoch()).isEqualTo(epoch);
        assertThat(new Topic(flow).snapshots()).hasSize(1).isEqualTo(snapshots);
        mirror.assertEqualAfterSnapshots(1);
    }
}
