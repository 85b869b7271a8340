package io.rediscdc.sink;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that nothing arrives. A source that has nothing to say sends a heartbeat all the same, so a silence of a minute has
 * a reason that somebody should look for: every minute where heartbeats have been heard, once where nothing has been since
 * the start (the source may be one that sends none). Not thread-safe.
 */
final class Silence {

    private static final Logger log = LoggerFactory.getLogger(Silence.class);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier clock;
    private long heardAt;
    private long saidAt;
    private boolean beats;
    private boolean waiting = true;

    /** @param clock as System.nanoTime() */
    Silence(LongSupplier clock) {
        this.clock = clock;
        this.heardAt = clock.getAsLong();
        this.saidAt = heardAt;
    }

    /** Something has arrived. */
    void broken() {
        heardAt = clock.getAsLong();
        saidAt = heardAt;
        waiting = beats;
    }

    /** A heartbeat was in it. */
    void beat() {
        beats = true;
        waiting = true;
    }

    /** Nothing has arrived. Returns whether that was said. */
    boolean goesOn() {
        long now = clock.getAsLong();
        if (!waiting || now - saidAt < PATIENCE_NANOS) {
            return false;
        }
        saidAt = now;
        waiting = beats;
        log.warn(
                "Nothing has arrived for {} s, not even a heartbeat. Either this connector is paused, or the source connector"
                        + " does not run or does not get on (its status and its log tell), or a transaction hangs in the"
                        + " topic (kafka-transactions.sh find-hanging)",
                TimeUnit.NANOSECONDS.toSeconds(now - heardAt));
        return true;
    }
}
