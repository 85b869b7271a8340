package io.rediscdc.source.replica;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * How long the reader of a {@link Spool} waits for bytes, and what it does then: it gives up, unless it has said that it cannot go
 * back, and how it pauses. The reading thread calls all but {@link #end}, which any may.
 */
final class Patience {

    private long nanos;
    private long ends;

    /** Null unless it pauses. */
    private volatile Spool.Pause pause;

    /** So long from now on, or anew for each wait. */
    void set(long ms) {
        nanos = TimeUnit.MILLISECONDS.toNanos(ms);
        ends = System.nanoTime() + nanos;
    }

    /** Pauses rather than gives up, with what is left of the time for all waits together. */
    void pauseBy(Spool.Pause how) {
        pause = how;
    }

    /** Gives up, after the whole time. */
    void giveUp() {
        pause = null;
    }

    boolean pauses() {
        return pause != null;
    }

    /** How long a wait that begins now may take, ns. */
    long left() {
        return pause == null ? nanos : ends - System.nanoTime();
    }

    /** Pauses, only where it {@link #pauses}; returns how much of the time is left then, ns. */
    long pause() throws IOException {
        pause.await();
        return ends - System.nanoTime();
    }

    /** There will never be anything: who pauses need not go on. */
    void end() {
        Spool.Pause pausing = pause;
        if (pausing != null) {
            pausing.end();
        }
    }
}
