package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.connect.errors.RetriableException;

/** Delivers to a task as a consumer does: what was not delivered, from where the task wants to read on. */
final class Pump {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final SinkRun run;
    private final Feed feed;
    private long next;

    Pump(SinkRun run, Feed feed) {
        this.run = run;
        this.feed = feed;
        follow();
    }

    /** A new task, perhaps while another one still runs. */
    void start() {
        run.start();
        follow();
    }

    /** Once. What the task has not taken comes again; returns whether it has taken it. */
    boolean put() {
        boolean taken = false;
        try {
            run.put(feed.from(next));
            next = feed.end();
            taken = true;
        } catch (RetriableException e) {
            // from there again
        }
        follow();
        return taken;
    }

    /** Until all is in the target. */
    void all() throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        put();
        while (run.committed() < feed.end() && Instant.now().isBefore(end)) {
            Thread.sleep(20);
            put();
        }
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    private void follow() {
        if (run.position() >= 0) {
            next = run.position();
        }
        run.forgetPosition();
    }
}
