package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.source.capture.RetryPacing;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time in which a capture cannot read: how long it waits before it attaches again, what the log is told meanwhile, and when it
 * is to give up. Used by the reading thread.
 */
final class Outage {

    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final int MOST_BROKEN_SNAPSHOTS = 5;

    /** How often the log says that there is still nobody to read from. */
    private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final RetryPacing pacing;
    private int brokenSnapshots;
    private long toldAt;

    /** @param timeoutMs after which to give up, ms */
    Outage(long timeoutMs) {
        this.pacing = new RetryPacing(timeoutMs);
    }

    /** How long to wait until the next attempt, ms. */
    long pauseMs() {
        return pacing.pauseMs();
    }

    /** For how long it has lasted, ns; 0 if there is none. */
    long nanos() {
        return pacing.outageNanos();
    }

    /** A server sends something: it is over. */
    void ended() {
        pacing.succeeded();
    }

    /** The stream is being read, so the snapshot before it is whole. */
    void streaming() {
        brokenSnapshots = 0;
    }

    /** The link has been lost within a snapshot, which begins from the start next time. */
    void snapshotBroken() {
        brokenSnapshots++;
    }

    /**
     * Notes a failure after which it is tried again.
     *
     * @param from where that is
     * @throws RedisCdcException if it is time to give up
     */
    void failed(RedisCdcException failure, ResumePoint from) {
        tell(failure, from);
        if (brokenSnapshots >= MOST_BROKEN_SNAPSHOTS) {
            throw new RedisCdcException(
                    failure.category(),
                    "the snapshot broke off " + brokenSnapshots + " times in a row: " + failure.getMessage()
                            + "; look into that server's log, and at its client-output-buffer-limit for replicas and"
                            + " its repl-timeout",
                    failure);
        }
        // One that is loading comes back by itself, however large its data set is; the time counts from when it no
        // longer says so.
        pacing.failed(!(failure instanceof ServerLoadingException));
        pacing.check(failure);
    }

    private void tell(RedisCdcException failure, ResumePoint from) {
        long now = System.nanoTime();
        if (!pacing.isFailing()) {
            toldAt = now;
            LOG.warn("{}; attaching again from {}", failure.getMessage(), from);
        } else if (now - toldAt >= TELL_NANOS) {
            toldAt = now;
            LOG.warn(
                    "Nothing has been read for {} s, still trying to attach from {}: {}",
                    TimeUnit.NANOSECONDS.toSeconds(pacing.outageNanos()),
                    from,
                    failure.getMessage());
        }
    }
}
