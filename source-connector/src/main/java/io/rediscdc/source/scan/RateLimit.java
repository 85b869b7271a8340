package io.rediscdc.source.scan;

import java.util.concurrent.TimeUnit;

/** So much a second, and no more on average: what is taken is owed, and who owes waits before taking more. Any thread. */
final class RateLimit {

    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final double nanosEach;

    /** When all that has been taken will have been earned. */
    private long paidAt = System.nanoTime();

    /** A limit; 0 for none. */
    RateLimit(long perSecond) {
        this.nanosEach = perSecond == 0 ? 0 : (double) TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    synchronized void take(long amount) {
        long now = System.nanoTime();
        if (paidAt - now < -BURST_NANOS) {
            paidAt = now - BURST_NANOS;
        }
        paidAt += (long) (amount * nanosEach);
    }

    /** How long to wait until nothing is owed, ms. */
    synchronized long waitMs() {
        return nanosEach == 0 ? 0 : Math.max(0, TimeUnit.NANOSECONDS.toMillis(paidAt - System.nanoTime() + 999_999));
    }
}
