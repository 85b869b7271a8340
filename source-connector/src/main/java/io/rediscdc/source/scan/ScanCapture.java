package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Origin;
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.source.capture.Capture;
import io.rediscdc.source.capture.RetryPacing;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.cluster.Ownership;
import io.rediscdc.source.scan.ScanPoint.Phase;
import java.util.List;
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
    private static final long FIRST_GAP_PAUSE_MS = 100;
    private static final long LONGEST_GAP_PAUSE_MS = 60_000;
    private static final long CALM_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** How often a cluster's sink is told which slots the shard has. */
    private static final long OWNERSHIP_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final int MOST_REQUESTS = 16;

    /** What one read hands out, about, however large its records are: it is in memory several times on its way. */
    private static final long MOST_BYTES = 8 * 1024 * 1024;

    private final ScanOptions options;
    private final ScanShard shard;
    private final StateRequests requests;
    private final RetryPacing pacing;
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

    /** What was said last, since it was attached, of the slots that the shard has; null for nothing yet. */
    private Ownership ownershipTold;

    private long ownershipToldAt;

    /** Of a scan: which slots the shard had when it began. */
    private Ownership begunWith;

    private long gapPauseMs;
    private long lastGap = System.nanoTime() - CALM_NANOS;

    /** What notify-keyspace-events was before we changed it, and where; null if we have not. */
    private volatile ScanRun.Changed changedFlags;

    /**
     * Attaches to nothing yet.
     *
     * @param cluster that the shard is part of; the caller's, null for none
     * @param requests asked for keys now and then
     */
    public ScanCapture(ScanOptions options, ClusterShards cluster, ScanPoint from, StateRequests requests) {
        this.options = options;
        this.shard = new ScanShard(options, cluster);
        this.requests = requests;
        this.pacing = new RetryPacing(options.retryTimeoutMs());
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
                if (shard.isDeposed(run.node())) {
                    throw new RedisCdcException(
                            Category.CONNECTION, run.node() + " is no longer the master, says the cluster");
                }
                run.answer(requests.take(MOST_REQUESTS));
                readAttached(into, max, waitMs, gatherUntilNanos);
                if (!into.isEmpty()) {
                    pacing.succeeded();
                }
            }
        } catch (RedisCdcException e) {
            if (run != null) {
                movedOn();
            }
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
            long gatherMs = into.isEmpty() ? waitMs : RetryPacing.millisUntil(gatherUntilNanos);
            KeyState found = run.outbox().take(Math.max(0, gatherMs));
            if (found == null) {
                endIfQuiet(into);
                break;
            }
            Change change = stamper.of(found);
            if (change != null) {
                into.add(change);
                readBytes += found.bytes();
            }
            if (found.page() != null) {
                found.page().done();
                turnPages(into);
            }
        }
        drained = status.isEnded() || run.outbox().isEmpty();
        if (!status.isEnded()) {
            tellOwnership(into);
            beat(into);
            movedOn();
        }
    }

    /** Where nothing changes, a reader would not know whether anybody is there. */
    private void beat(List<Change> into) {
        long now = System.nanoTime();
        boolean several = point.last().size() > 1;
        if (!into.isEmpty() && !several) {
            lastRecord = now;
        } else if (options.heartbeatMs() > 0
                && now - lastRecord >= TimeUnit.MILLISECONDS.toNanos(options.heartbeatMs())) {
            lastRecord = now;
            into.addAll(stamper.heartbeats());
        }
    }

    /**
     * Says which slots the shard has; again now and then, as who begins to read in the middle wants to know. What has come here
     * is read: of what happened to it on its way, not all was told.
     */
    private void tellOwnership(List<Change> into) {
        Ownership owns = shard.ownership();
        long now = System.nanoTime();
        if (owns == null || (owns.equals(ownershipTold) && now - ownershipToldAt < OWNERSHIP_NANOS)) {
            return;
        }
        SlotRanges gained =
                ownershipTold == null ? SlotRanges.NONE : owns.slots().minus(ownershipTold.slots());
        into.addAll(stamper.ownership(owns));
        ownershipTold = owns;
        ownershipToldAt = now;
        if (!gained.isEmpty() && options.mode().isLive()) {
            status.gap();
            LOG.info("{} has the slots {} now: their keys are read", run.node(), gained);
            run.readSlots(gained);
        }
    }

    private void movedOn() {
        point = new ScanPoint(
                point.phase(), point.runId(), point.db(), point.cursor(), stamper.epoch(), stamper.last());
    }

    /** Moves the point behind the pages that are done. */
    private void turnPages(List<Change> into) {
        while (!run.pages().isEmpty() && run.pages().peek().isDone()) {
            ScanPage page = run.pages().remove();
            if (page.isLast()) {
                end(into);
                return;
            }
            point = new ScanPoint(Phase.SCAN, runId, page.db(), page.next(), point.epoch(), point.last());
        }
    }

    private void end(List<Change> into) {
        checkSlots();
        into.addAll(stamper.end());
        status.scanEnded();
        LOG.info("The scan of {} has ended, with {} keys", run.node(), stamper.keys() < 0 ? "some" : stamper.keys());
        Phase next = options.mode().isLive() ? Phase.LIVE : Phase.DONE;
        point = new ScanPoint(next, null, 0, "0", stamper.epoch(), stamper.last());
        if (next == Phase.DONE) {
            status.ended();
            detach();
        }
    }

    /** Keys of a slot that moves while all are read may be seen by none of the two scans, or by both. */
    private void checkSlots() {
        Ownership owns = shard.ownership();
        if (options.mode().isLive()
                || owns == null
                || begunWith == null
                || owns.slots().equals(begunWith.slots())) {
            return;
        }
        status.gap();
        LOG.warn(
                "While {} was scanned, slots have moved: it has lost {} and has got {}. Their keys may be missing, or as they"
                        + " were before; make another snapshot while no slot moves",
                run.node(),
                begunWith.slots().minus(owns.slots()),
                owns.slots().minus(begunWith.slots()));
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
        long pauseMs = pacing.pauseMs();
        if (pauseMs > 0) {
            Thread.sleep(Math.min(pauseMs, waitMs));
            return false;
        }
        if (attachment == null) {
            attachment = new ScanAttachment(options, shard, point, status);
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
        Origin origin = new Origin(options.shard(), run.node().toString(), null);
        begunWith = shard.ownership();
        if (ScanAttachment.goesOn(point, run.facts(), options)) {
            LOG.info("Going on at {} with {}", run.node(), point);
            stamper = ScanStamper.goingOn(origin, point.epoch(), point.last(), shard::ownership, !options.compacted());
            if (point.phase() == Phase.SCAN) {
                status.scanGoesOn(point.epoch());
            } else {
                LOG.warn("What has changed at {} meanwhile is not known; scan.mode=live would read it", run.node());
            }
            return;
        }
        stamper = ScanStamper.anew(origin, point.epoch(), point.last(), shard::ownership, !options.compacted());
        if (!options.mode().scans()) {
            status.epoch(stamper.epoch());
            point = new ScanPoint(Phase.LIVE, null, 0, "0", stamper.epoch(), stamper.last());
            return;
        }
        LOG.info("A scan of {} begins", run.node());
        status.scanBegun(stamper.epoch());
        into.addAll(stamper.begin(run.facts().version()));
        run.libraries().forEach(code -> into.add(stamper.library(code)));
        point = new ScanPoint(Phase.SCAN, runId, 0, "0", stamper.epoch(), stamper.last());
    }

    /** Notes a failure: the caller comes again, or must give up. */
    private void fail(RedisCdcException failure) {
        if (closed) {
            return;
        }
        if (!failure.isRetriable()) {
            throw failure;
        }
        if (!pacing.isFailing()) {
            LOG.warn("{}; attaching again from {}", failure.getMessage(), point);
        }
        if (failure instanceof ChangesMissedException) {
            // Scan after scan may be the reason why changes wait.
            long now = System.nanoTime();
            gapPauseMs =
                    now - lastGap > CALM_NANOS ? FIRST_GAP_PAUSE_MS : Math.min(LONGEST_GAP_PAUSE_MS, 2 * gapPauseMs);
            lastGap = now;
            pacing.failed(gapPauseMs);
            return;
        }
        pacing.failed(true);
        pacing.check(failure);
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
        ownershipTold = null;
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
}
