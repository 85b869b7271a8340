package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.State;
import io.rediscdc.source.capture.Capture;
import io.rediscdc.source.capture.RetryPacing;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.cluster.Ownership;
import io.rediscdc.source.replica.StateReader.Purpose;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the history of one shard as a replica of one of its nodes, and attaches again, with growing pauses, to any of
 * them when the link is lost. Used by one thread; {@link #close()} and {@link #committed} may come from others.
 */
public final class ReplicaCapture implements Capture {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaCapture.class);
    private static final int MOST_BROKEN_SNAPSHOTS = 5;

    /** What one read hands out, about, however large its records are: it is in memory several times on its way. */
    private static final long MOST_BYTES = 8 * 1024 * 1024;

    /** How long a node that is away or behind may spare us a full resynchronisation that another one offers. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long STATES_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long OWNERSHIP_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** How often the log says that there is still nobody to read from. */
    private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final ReplicaOptions options;
    private final ShardNodes members;
    private final NodeFinder nodes;
    private final Acknowledgement acknowledgement;
    private final CaptureStatus status;
    private final StateRequests requests;
    private final StateReader states;

    /** Null where the stream is told in commands. */
    private final StateReader changed;

    /** Of reading states of keys that have changed. */
    private final RetryPacing changedPacing;

    private ResumePoint resumePoint;
    private volatile ReplicaLink link;

    /** Whether the link was to a master when it was made. */
    private boolean atMaster;

    private volatile NodeSearch search;
    private volatile boolean closed;
    private ReplicaHistory history;
    private boolean drained;
    private long readBytes;

    /** What was said last on this link of the slots that the shard has; null for nothing yet. */
    private Ownership ownershipTold;

    private long ownershipToldAt;

    private final RetryPacing pacing;
    private int brokenSnapshots;
    private long toldAt;
    private long lastRecord = System.nanoTime();

    /** Keys to be asked for one by one, since they could not be read together. */
    private final Deque<ChangeKey> apart = new ArrayDeque<>();

    private boolean statesRefused;
    private long statesPausedUntil = System.nanoTime();

    /**
     * Attaches to nothing yet.
     *
     * @param requests asked for keys now and then, while the stream is read
     * @throws RedisCdcException CONFIG if the spool's directory cannot be used
     */
    public ReplicaCapture(ReplicaOptions options, ResumePoint from, StateRequests requests) {
        this(options, ShardNodes.of(options), from, requests);
    }

    /**
     * Of one of a cluster's shards: the one of that name in the options. Attaches to nothing yet.
     *
     * @param cluster the caller's
     * @param requests as above
     * @throws RedisCdcException as above
     */
    public ReplicaCapture(ReplicaOptions options, ClusterShards cluster, ResumePoint from, StateRequests requests) {
        this(options, new ClusterNodes(cluster, options.shard()), from, requests);
    }

    private ReplicaCapture(ReplicaOptions options, ShardNodes members, ResumePoint from, StateRequests requests) {
        SpoolOptions spool = options.link().spool();
        if (spool.fileBytes() > 0) {
            SpoolFile.check(spool.directory());
        }
        this.options = options;
        this.pacing = new RetryPacing(options.retryTimeoutMs());
        this.members = members;
        this.nodes = new NodeFinder(options, members);
        this.acknowledgement = new Acknowledgement(options.ackMode(), from);
        this.status = new CaptureStatus(from, members::masterChanges);
        this.requests = requests;
        this.states = new StateReader(options, members.isClustered(), Purpose.REPAIR);
        this.changed =
                options.states() == null ? null : new StateReader(options, members.isClustered(), Purpose.CHANGE);
        this.changedPacing = new RetryPacing(options.retryTimeoutMs());
        this.resumePoint = from;
    }

    @Override
    public void read(List<Change> into, int max, long waitMs, long gatherUntilNanos) {
        if (closed || !attached(waitMs)) {
            return;
        }
        try {
            if (atMaster && members.isDeposed(link.node())) {
                throw new RedisCdcException(
                        Category.CONNECTION, link.node() + " is no longer the master, says " + options.authority());
            }
            readAttached(into, max, waitMs, gatherUntilNanos);
            noteProgress(into);
            if (history.established()) {
                pacing.succeeded();
            }
            if (history.streaming()) {
                brokenSnapshots = 0;
                readStates();
            }
            if (history.isToBeRepeated()) {
                repeat();
            }
        } catch (RedisCdcException e) {
            noteProgress(into);
            if (history.established() && !history.streaming()) {
                brokenSnapshots++;
            }
            detach();
            fail(e);
        }
    }

    /** Reads on from the point to resume from, which is not where the link stands. */
    private void repeat() {
        if (history.needsSnapshot()) {
            LOG.warn(
                    "Databases of {} have been swapped, which a compacted topic cannot say: a full synchronisation"
                            + " follows, in a new epoch",
                    link.node());
        } else {
            LOG.info(
                    "More than {} keys (event.queue) have changed before their states could be read; those of the others"
                            + " follow, from {} on",
                    options.states().mostKeys(),
                    resumePoint);
        }
        detach();
    }

    /**
     * Reads the states of keys that have changed.
     *
     * @throws RedisCdcException if trying again cannot help, or has not helped for the time configured
     */
    private void readChanged(long nowNanos) {
        List<ChangeKey> keys = history.changedKeys(StateReader.MOST_CHANGED, nowNanos);
        try {
            history.changed(changed.read(members.authority(link.node()), keys).states());
            changedPacing.succeeded();
        } catch (RedisCdcException e) {
            if (!e.isRetriable() || closed) {
                throw e;
            }
            if (!changedPacing.isFailing()) {
                LOG.warn("States of keys that have changed cannot be read, it is tried again: {}", e.getMessage());
            }
            changedPacing.failed(true);
            checkPatience(e);
        }
    }

    /** Attaching again would not help: the link stands. */
    private void checkPatience(RedisCdcException failure) {
        try {
            changedPacing.check(failure);
        } catch (RedisCdcException e) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the history arrives, but the states of its keys cannot be read on a connection of their own: "
                            + e.getMessage(),
                    e);
        }
    }

    /** How long to wait until states of keys that have changed are to be read, ns; 0 or less if they are. */
    private long readingDueInNanos() {
        long due = history.readingDueInNanos();
        return due == Long.MAX_VALUE ? due : Math.max(due, TimeUnit.MILLISECONDS.toNanos(changedPacing.pauseMs()));
    }

    /** Here, since the place of a state in the history is known only to who reads both from the same node. */
    private void readStates() {
        long now = System.nanoTime();
        if (history.isAnswering() || now - statesPausedUntil < 0) {
            return;
        }
        List<ChangeKey> keys =
                apart.isEmpty() ? requests.take(statesRefused ? 1 : StateReader.MOST_KEYS) : List.of(apart.remove());
        if (keys.isEmpty()) {
            return;
        }
        try {
            StateReader.Answer read = states.read(members.authority(link.node()), keys);
            history.answer(read.states());
            status.unanswered(read.leftOut());
            statesRefused = false;
        } catch (RedisCdcException e) {
            if (!e.isRetriable() && keys.size() > 1) {
                // It may be because of one of them, of a kind or a size that was not expected.
                apart.addAll(keys);
                return;
            }
            status.unanswered(keys.size());
            refused(e, now);
        }
    }

    private void refused(RedisCdcException why, long now) {
        if (apart.isEmpty()) {
            statesPausedUntil = now + STATES_PAUSE_NANOS;
        }
        if (!statesRefused && !closed) {
            statesRefused = true;
            LOG.warn("A key whose state was asked for cannot be read: {}; who wants it asks again", why.getMessage());
        }
    }

    private void noteProgress(List<Change> read) {
        resumePoint = history.resumePoint();
        acknowledgement.read(resumePoint, !read.isEmpty());
        status.read(resumePoint);
        status.dirty(history.dirtyKeys());
    }

    /** Notes that all that was read up to a {@link #resumePoint} is durable. */
    public void committed(ResumePoint point) {
        acknowledgement.committed(point);
    }

    /** Where to continue after what has been read so far. */
    public ResumePoint resumePoint() {
        return resumePoint;
    }

    /** What it can say of itself, at any time. */
    public CaptureStatus status() {
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

    private void readAttached(List<Change> into, int max, long waitMs, long gatherUntilNanos) {
        Spool spool = link.spool();
        long receivedMs = receivedMs(spool);
        long readUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
        readBytes = 0;
        try {
            while (into.size() < max && readBytes < MOST_BYTES && !history.isToBeRepeated()) {
                Change answer = history.nextAnswer();
                if (answer != null) {
                    into.add(answer);
                    readBytes += bytes(answer.state());
                    if (answer.stamp().asOf() != null) {
                        status.answered();
                    }
                    continue;
                }
                long dueNanos = readingDueInNanos();
                if (dueNanos <= 0) {
                    readChanged(System.nanoTime());
                    continue;
                }
                long before = spool.position();
                if (spool.buffered() == 0 && !history.isDue()) {
                    long gatherMs = into.isEmpty() ? waitMs : RetryPacing.millisUntil(gatherUntilNanos);
                    if (spool.backlog() == 0 && gatherMs <= 0 && !into.isEmpty()) {
                        break; // but who has nothing, even without time to wait, has to learn whether the link is lost
                    }
                    gatherMs = Math.min(gatherMs, TimeUnit.NANOSECONDS.toMillis(dueNanos) + 1);
                    // What was read before may still hold a change, so nothing more is no reason not to look.
                    spool.patience(spool.await(gatherMs) ? gatherMs : 0);
                    receivedMs = receivedMs(spool);
                }
                Change change = history.step(receivedMs);
                if (change != null) {
                    into.add(change);
                    boolean isPiece = change.state() != null && change.state().piece() != null;
                    // A piece can be of less than its length was read, where the source compressed.
                    readBytes += isPiece ? change.state().piece().data().length : spool.position() - before;
                } else if (into.isEmpty() && (acknowledgement.isAsked() || isBeatDue())) {
                    break;
                } else if (changed != null && System.nanoTime() - readUntil >= 0) {
                    break; // most of it becomes no change at once
                }
            }
            drained = spool.buffered() == 0 && spool.backlog() == 0;
        } catch (Spool.Stalled e) {
            spool.rewind();
            drained = true;
        } catch (IOException e) {
            throw new RedisCdcException(
                    Category.CONNECTION, "reading from " + link.node() + " failed: " + e.getMessage(), e);
        }
        beat(into);
    }

    private static long bytes(State state) {
        return state == null
                ? 0
                : state.piece() == null ? state.dump().length : state.piece().data().length;
    }

    /** When the next byte was received. */
    private static long receivedMs(Spool spool) {
        return System.currentTimeMillis() - spool.oldestAgeMs();
    }

    /** A heartbeat waits for the history to move on, and goes out then at once: a reader takes it for news of now. */
    private void beat(List<Change> into) {
        tellOwnership(into);
        boolean several = history.partitions() > 1;
        if ((into.isEmpty() || several) && isBeatDue()) {
            into.addAll(history.heartbeats());
            if (several) {
                lastRecord = System.nanoTime();
            }
        }
        if (!into.isEmpty() && !several) {
            lastRecord = System.nanoTime();
        }
    }

    /** Again now and then: who begins to read in the middle wants to know. */
    private void tellOwnership(List<Change> into) {
        Ownership owns = members.ownership();
        if (owns == null || !history.streaming()) {
            return;
        }
        long now = System.nanoTime();
        if (!owns.equals(ownershipTold) || now - ownershipToldAt >= OWNERSHIP_NANOS) {
            List<Change> told = history.ownership(owns);
            if (!told.isEmpty()) {
                into.addAll(told);
                ownershipTold = owns;
                ownershipToldAt = now;
            }
        }
    }

    private boolean isBeatDue() {
        return options.heartbeatMs() > 0
                && System.nanoTime() - lastRecord >= TimeUnit.MILLISECONDS.toNanos(options.heartbeatMs());
    }

    /** Up to which offset the server that we are attached to has its history; -1 if it does not say. */
    private long serverOffset() {
        try {
            return states.offset(link.node());
        } catch (RedisCdcException e) {
            LOG.info("Not known how old the history is that follows the snapshot: {}", e.getMessage());
            return -1;
        }
    }

    private boolean attached(long waitMs) {
        if (history != null) {
            return true;
        }
        long pauseMs = pacing.pauseMs();
        if (pauseMs > 0) {
            sleep(Math.min(pauseMs, waitMs));
            return false;
        }
        try {
            return attach(waitMs);
        } catch (RedisCdcException e) {
            detach();
            fail(e);
            return false;
        }
    }

    private boolean attach(long waitMs) {
        if (search == null) {
            boolean patient = pacing.outageNanos() < PATIENCE_NANOS;
            search = new NodeSearch(nodes, resumePoint, patient, options.shard());
        }
        Node node = search.await(waitMs);
        if (node == null) {
            if (closed) {
                search.close();
            }
            return false;
        }
        search = null;
        link = node.link();
        atMaster = node.state().isMaster();
        if (closed) {
            throw new RedisCdcException(
                    Category.CONNECTION,
                    "closed while connecting to " + node.link().node());
        }
        ReplicaHistory attached = new ReplicaHistory(
                node, options, resumePoint, acknowledgement, status, this::serverOffset, members::ownership);
        attached.begin();
        history = attached;
        return true;
    }

    /** Notes a failure: the caller comes again, or must give up. */
    private void fail(RedisCdcException failure) {
        long now = System.nanoTime();
        if (closed) {
            return;
        }
        if (!failure.isRetriable()) {
            throw failure;
        }
        if (!pacing.isFailing()) {
            toldAt = now;
            LOG.warn("{}; attaching again from {}", failure.getMessage(), resumePoint);
        } else if (now - toldAt >= TELL_NANOS) {
            toldAt = now;
            LOG.warn(
                    "Nothing has been read for {} s, still trying to attach from {}: {}",
                    TimeUnit.NANOSECONDS.toSeconds(pacing.outageNanos()),
                    resumePoint,
                    failure.getMessage());
        }
        nodes.next();
        if (brokenSnapshots >= MOST_BROKEN_SNAPSHOTS) {
            throw new RedisCdcException(
                    failure.category(),
                    "the snapshot broke off " + brokenSnapshots + " times in a row: " + failure.getMessage()
                            + "; look into that server's log, and at its client-output-buffer-limit for replicas and"
                            + " its repl-timeout",
                    failure);
        }
        // One that is loading comes back by itself, however large its data set is; the time counts from when it no
        // longer
        // says so.
        pacing.failed(!(failure instanceof ServerLoadingException));
        pacing.check(failure);
    }

    private void detach() {
        history = null;
        search = null;
        ownershipTold = null;
        acknowledgement.detached();
        status.detached();
        ReplicaLink old = link;
        link = null;
        if (old != null) {
            old.close();
        }
    }

    @Override
    public void close() {
        closed = true;
        NodeSearch searching = search;
        if (searching != null) {
            searching.close();
        }
        ReplicaLink open = link;
        if (open != null) {
            open.close();
        }
        states.close();
        if (changed != null) {
            changed.close();
        }
        members.close();
        status.detached();
    }

    private void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
