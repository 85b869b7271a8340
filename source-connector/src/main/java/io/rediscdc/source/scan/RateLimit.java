package io.rediscdc.source.scan;

import java.util.concurrent.TimeUnit;

/** Holds threads back so that together they do no more than so much a second, after a tenth of a second's worth at once. Any thread. */
final class RateLimit {

    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final double nanosEach;

    /** When all that has been taken will have been earned. */
    private long paidAt = System.nanoTime();

    /** @param perSecond 0 for no limit */
    RateLimit(long perSecond) {
        this.nanosEach = perSecond == 0 ? 0 : (double) TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    /** Takes so much, and waits until it is due. */
    void take(long amount) throws InterruptedException {
        if (nanosEach == 0) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            if (paidAt - now < -BURST_NANOS) {
                paidAt = now - BURST_NANOS;
            }
            paidAt += (long) (amount * nanosEach);
            wait = paidAt - now;
        }
        if (wait > 0) {
            TimeUnit.NANOSECONDS.sleep(wait);
        }
    }
}
