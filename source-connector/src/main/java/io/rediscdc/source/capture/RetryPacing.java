package io.rediscdc.source.capture;

import io.rediscdc.error.RedisCdcException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * When a capture tries again to attach to a server: with growing pauses, which are not the same for all who lost it at the
 * same moment, until its time is up. Not thread-safe.
 */
public final class RetryPacing {

    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;
    private static final int MOST_DOUBLINGS = 10;

    private final long timeoutMs;
    private int failures;
    private long outageSince;
    private long failingSince;
    private long nextAttempt;

    /** @param timeoutMs for how long it may fail, ms */
    public RetryPacing(long timeoutMs) {
        this.timeoutMs = timeoutMs;
    }

    /** It has worked: the next failure is a first one. */
    public void succeeded() {
        failures = 0;
    }

    /** Whether it has failed since it worked. */
    public boolean isFailing() {
        return failures > 0;
    }

    /** For how long it has not worked, ns; 0 if it has not failed. */
    public long outageNanos() {
        return failures == 0 ? 0 : System.nanoTime() - outageSince;
    }

    /** How long to wait until the next attempt, ms. */
    public long pauseMs() {
        return failures == 0 ? 0 : Math.max(0, millisUntil(nextAttempt));
    }

    /**
     * Notes a failure after which it is tried again.
     *
     * @param counts whether the time until now is part of that after which to give up
     */
    public void failed(boolean counts) {
        long now = note(counts);
        long pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(failures - 1, MOST_DOUBLINGS));
        nextAttempt = now
                + TimeUnit.MILLISECONDS.toNanos(
                        pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
    }

    /** Notes a failure after which it is tried again in a while that somebody else has chosen. */
    public void failed(long pauseMs) {
        nextAttempt = note(true) + TimeUnit.MILLISECONDS.toNanos(pauseMs);
    }

    private long note(boolean counts) {
        long now = System.nanoTime();
        if (failures == 0) {
            outageSince = now;
        }
        if (failures == 0 || !counts) {
            failingSince = now;
        }
        failures++;
        return now;
    }

    /**
     * Gives up if it is time.
     *
     * @throws RedisCdcException the failure, with how often and for how long it was tried
     */
    public void check(RedisCdcException failure) {
        if (failures > 0 && System.nanoTime() - failingSince > TimeUnit.MILLISECONDS.toNanos(timeoutMs)) {
            throw new RedisCdcException(
                    failure.category(),
                    failure.getMessage() + " (tried " + failures + " times in " + timeoutMs
                            + " ms, redis.retry.timeout.ms)",
                    failure);
        }
    }

    /** How long it is until a {@link System#nanoTime()}, ms, rounded up; negative if that is over. */
    public static long millisUntil(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime() + 999_999);
    }
}
