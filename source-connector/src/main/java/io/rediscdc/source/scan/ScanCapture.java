package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.source.capture.Capture;
import io.rediscdc.source.scan.ScanPoint.Phase;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a shard without being its replica: by SCAN, and the state of each key that is found. Attaches again, with growing
 * pauses, when the server is lost. A scan goes on only at the run of the server that it was begun at, since a cursor means
 * nothing to another; else it begins anew, in a new epoch.
 */
public final class ScanCapture implements Capture {

    private static final Logger LOG = LoggerFactory.getLogger(ScanCapture.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;
    private static final long LONGEST_GAP_PAUSE_MS = 60_000;
    private static final long CALM_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** What one read hands out, about, however large its records are: it is in memory several times on its way. */
    private static final long MOST_BYTES = 8 * 1024 * 1024;

    private final ScanOptions options;
    private final ScanStatus status = new ScanStatus();
    private ScanPoint point;
    private volatile ScanAttachment attachment;
    private volatile boolean closed;
    private volatile ScanRun run;
    private ScanStamper stamper;
    private String runId;
    private boolean drained;
    private long readBytes;
    private long lastRecord = System.nanoTime();

    private int failures;
    private long failingSince;
    private long nextAttempt;
    private long gapPauseMs;
    private long lastGap = System.nanoTime() - CALM_NANOS;

    /** What notify-keyspace-events was before we changed it, and where; null if we have not. */
    private volatile ScanRun.Changed changedFlags;

    /** Attaches to nothing yet. */
    public ScanCapture(ScanOptions options, ScanPoint from) {
        this.options = options;
        this.point = from;
        status.epoch(from.epoch());
        if (from.phase() == Phase.DONE) {
            status.ended();
        }
    }

    @Override
    public void read(List<Change> into, int max, long waitMs, long gatherUntilNanos) {
        try {
            if (closed || status.isEnded()) {
                drained = true;
                Thread.sleep(closed ? 0 : waitMs);
                return;
            }
            if (run != null || attached(into, waitMs)) {
                readAttached(into, max, waitMs, gatherUntilNanos);
                failures = into.isEmpty() ? failures : 0;
            }
        } catch (RedisCdcException e) {
            detach();
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where to continue after what has been read so far. */
    public ScanPoint point() {
        return point;
    }

    /** What it can say of itself, at any time. */
    public ScanStatus status() {
        return status;
    }

    @Override
    public boolean drained() {
        return drained;
    }

    @Override
    public long readBytes() {
        return readBytes;
    }

    private void readAttached(List<Change> into, int max, long waitMs, long gatherUntilNanos)
            throws InterruptedException {
        readBytes = 0;
        while (into.size() < max && readBytes < MOST_BYTES && !status.isEnded()) {
            long gatherMs = into.isEmpty() ? waitMs : millisUntil(gatherUntilNanos);
            KeyState found = run.outbox().take(Math.max(0, gatherMs));
            if (found == null) {
                endIfQuiet(into);
                break;
            }
            Change change = stamper.of(found);
            long keys = point.keys();
            if (change != null) {
                into.add(change);
                readBytes += found.bytes();
                if (keys != ScanPoint.UNCOUNTED
                        && change.op() == Op.SET
                        && change.state().isComplete()) {
                    keys++;
                }
            }
            movedTo(keys);
            if (found.page() != null) {
                found.page().done();
                turnPages(into);
            }
        }
        drained = status.isEnded() || run.outbox().isEmpty();
        beat(into);
    }

    /** Where nothing changes, a reader would not know whether anybody is there. */
    private void beat(List<Change> into) {
        long now = System.nanoTime();
        if (!into.isEmpty()) {
            lastRecord = now;
        } else if (options.heartbeatMs() > 0
                && !status.isEnded()
                && now - lastRecord >= TimeUnit.MILLISECONDS.toNanos(options.heartbeatMs())) {
            lastRecord = now;
            into.add(stamper.heartbeat());
            movedTo(point.keys());
        }
    }

    private void movedTo(long keys) {
        point = new ScanPoint(
                point.phase(), point.runId(), point.db(), point.cursor(), keys, stamper.epoch(), stamper.last());
    }

    /** Moves the point behind the pages that are done. */
    private void turnPages(List<Change> into) {
        while (!run.pages().isEmpty() && run.pages().peek().isDone()) {
            ScanPage page = run.pages().remove();
            if (page.isLast()) {
                end(into);
                return;
            }
            point = new ScanPoint(Phase.SCAN, runId, page.db(), page.next(), point.keys(), point.epoch(), point.last());
        }
    }

    private void end(List<Change> into) {
        into.add(stamper.end(point.keys()));
        status.scanEnded();
        LOG.info("The scan of {} has ended, with {} keys", run.node(), point.keys() < 0 ? "some" : point.keys());
        Phase next = options.mode().isLive() ? Phase.LIVE : Phase.DONE;
        point = new ScanPoint(next, null, 0, "0", 0, stamper.epoch(), stamper.last());
        if (next == Phase.DONE) {
            status.ended();
            detach();
        }
    }

    private void endIfQuiet(List<Change> into) {
        long idleMs = options.live().idleTimeoutMs();
        if (idleMs > 0 && into.isEmpty() && point.phase() == Phase.LIVE && run.quietMs() >= idleMs) {
            LOG.warn(
                    "Nothing has changed at {} for {} ms (idle.timeout.ms): the run has ended; nothing is read until the"
                            + " connector is started again",
                    run.node(),
                    idleMs);
            status.ended();
            restoreNotifications();
            detach();
        }
    }

    private boolean attached(List<Change> into, long waitMs) throws InterruptedException {
        long pauseMs = millisUntil(nextAttempt);
        if (failures > 0 && pauseMs > 0) {
            Thread.sleep(Math.min(pauseMs, waitMs));
            return false;
        }
        if (attachment == null) {
            attachment = new ScanAttachment(options, point, status);
            if (closed) {
                attachment.close();
            }
        }
        ScanRun attached = attachment.await(waitMs);
        if (attached == null) {
            return false;
        }
        attachment = null;
        run = attached;
        begin(into);
        run.start();
        return true;
    }

    private void begin(List<Change> into) {
        status.attached();
        noteNotifications();
        if (options.mode().isLive() && point.epoch() > 0) {
            status.gap();
        }
        runId = run.facts().runId();
        Origin origin = new Origin(options.shard(), run.node(), null);
        if (ScanAttachment.goesOn(point, run.facts(), options)) {
            LOG.info("Going on at {} with {}", run.node(), point);
            stamper = ScanStamper.goingOn(origin, point.epoch(), point.last());
            if (point.phase() == Phase.SCAN) {
                status.scanGoesOn(point.epoch());
            } else {
                LOG.warn("What has changed at {} meanwhile is not known; scan.mode=live would read it", run.node());
            }
            return;
        }
        stamper = ScanStamper.anew(origin, point.epoch(), point.last());
        if (!options.mode().scans()) {
            status.epoch(stamper.epoch());
            point = new ScanPoint(Phase.LIVE, null, 0, "0", 0, stamper.epoch(), stamper.last());
            return;
        }
        LOG.info("A scan of {} begins", run.node());
        status.scanBegun(stamper.epoch());
        into.add(stamper.begin(run.facts().version()));
        run.libraries().forEach(code -> into.add(stamper.library(code)));
        point = new ScanPoint(Phase.SCAN, runId, 0, "0", 0, stamper.epoch(), stamper.last());
    }

    /** Notes a failure: the caller comes again, or must give up. */
    private void fail(RedisCdcException failure) {
        if (closed) {
            return;
        }
        if (!failure.isRetriable()) {
            throw failure;
        }
        long now = System.nanoTime();
        if (failures == 0) {
            failingSince = now;
            LOG.warn("{}; attaching again from {}", failure.getMessage(), point);
        }
        failures++;
        if (failure instanceof ChangesMissedException) {
            // Scan after scan may be the reason why changes wait.
            gapPauseMs = now - lastGap > CALM_NANOS ? FIRST_PAUSE_MS : Math.min(LONGEST_GAP_PAUSE_MS, 2 * gapPauseMs);
            lastGap = now;
            nextAttempt = now + TimeUnit.MILLISECONDS.toNanos(gapPauseMs);
            return;
        }
        if (now - failingSince > TimeUnit.MILLISECONDS.toNanos(options.retryTimeoutMs())) {
            throw new RedisCdcException(
                    failure.category(),
                    failure.getMessage() + " (tried " + failures + " times in " + options.retryTimeoutMs()
                            + " ms, redis.retry.timeout.ms)",
                    failure);
        }
        long pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(failures - 1, 10));
        nextAttempt = now
                + TimeUnit.MILLISECONDS.toNanos(
                        pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
    }

    private void noteNotifications() {
        ScanRun.Changed changed = run.changedFlags();
        if (changed != null) {
            changedFlags = changed;
        }
    }

    private void restoreNotifications() {
        ScanRun.Changed changed = changedFlags;
        changedFlags = null;
        if (changed != null) {
            changed.restore(options);
        }
    }

    private void detach() {
        attachment = null;
        status.detached();
        if (run != null) {
            run.close();
            run = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        ScanAttachment attaching = attachment;
        if (attaching != null) {
            attaching.close();
        }
        ScanRun open = run;
        if (open != null) {
            open.close();
        }
        status.detached();
        restoreNotifications();
    }

    private static long millisUntil(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime() + 999_999);
    }
}
