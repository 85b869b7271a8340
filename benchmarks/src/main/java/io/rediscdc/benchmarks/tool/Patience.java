package io.rediscdc.benchmarks.tool;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for what other processes do. */
final class Patience {

    /** A tool that has not done its work by then has failed. */
    static final Duration LIMIT = Duration.ofMinutes(15);

    private Patience() {}

    /**
     * Asks again and again until it is so.
     *
     * @param pauseMs between questions: as much as the answer may be late
     */
    static void await(String what, long pauseMs, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new BenchmarkException(what + ": not within " + LIMIT.toMinutes() + " minutes");
            }
            pause(pauseMs);
        }
    }

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }
}
