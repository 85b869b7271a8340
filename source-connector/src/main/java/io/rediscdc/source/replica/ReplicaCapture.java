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
import java.io.IOException;
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

    /** What one read hands out, about, however large its records are: it is in memory several times on its way. */
    private static final long MOST_BYTES = 8 * 1024 * 1024;

    /** How long a node that is away or behind may spare us a full resynchronisation that another one offers. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ReplicaOptions options;
    private final ShardNodes members;
    private final NodeFinder nodes;
    private final Acknowledgement acknowledgement;
    private final CaptureStatus status;
    private final RequestedKeyReader requested;
    private final ChangedKeyReader changed;
    private final Heartbeats heartbeats;
    private final Outage outage;

    /** Whether the stream is told in states: most of what is read of it becomes no change at once. */
    private final boolean inStates;

    private ResumePoint resumePoint;
    private volatile ReplicaLink link;

    /** Whether the link was to a master when it was made. */
    private boolean atMaster;

    private volatile NodeSearch search;
    private volatile boolean closed;
    private ReplicaHistory history;
    private boolean drained;
    private long readBytes;

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
        this.members = members;
        this.nodes = new NodeFinder(options, members);
        this.acknowledgement = new Acknowledgement(options.ackMode(), from);
        this.status = new CaptureStatus(from, members::masterChanges);
        this.requested = new RequestedKeyReader(options, members, requests, status);
        this.changed = new ChangedKeyReader(options, members);
        this.heartbeats = new Heartbeats(options.heartbeatMs(), members::ownership);
        this.outage = new Outage(options.retryTimeoutMs());
        this.inStates = options.states() != null;
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
                outage.ended();
            }
            if (history.streaming()) {
                outage.streaming();
                readRequested();
            }
            if (history.isToBeRepeated()) {
                repeat();
            }
        } catch (RedisCdcException e) {
            noteProgress(into);
            if (history.established() && !history.streaming()) {
                outage.snapshotBroken();
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

    private void readChanged() {
        List<ChangeKey> keys = history.changedKeys(StateReader.MOST_CHANGED, System.nanoTime());
        history.changed(changed.read(members.authority(link.node()), keys));
    }

    /** How long to wait until states of keys that have changed are to be read, ns; 0 or less if they are. */
    private long readingDueInNanos() {
        long due = history.readingDueInNanos();
        return due == Long.MAX_VALUE ? due : Math.max(due, changed.pauseNanos());
    }

    /** Here, since the place of a state in the history is known only to who reads both from the same node. */
    private void readRequested() {
        List<ChangeKey> keys = history.isAnswering() ? List.of() : requested.next();
        if (!keys.isEmpty()) {
            history.answer(requested.read(members.authority(link.node()), keys));
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
                    readChanged();
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
                } else if (into.isEmpty() && (acknowledgement.isAsked() || heartbeats.isDue())) {
                    break;
                } else if (inStates && System.nanoTime() - readUntil >= 0) {
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
        heartbeats.beat(history, into);
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

    /** Up to which offset the server that we are attached to has its history; -1 if it does not say. */
    private long serverOffset() {
        return requested.offset(link.node());
    }

    private boolean attached(long waitMs) {
        if (history != null) {
            return true;
        }
        long pauseMs = outage.pauseMs();
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
            boolean patient = outage.nanos() < PATIENCE_NANOS;
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
        if (closed) {
            return;
        }
        if (!failure.isRetriable()) {
            throw failure;
        }
        nodes.next();
        outage.failed(failure, resumePoint);
    }

    private void detach() {
        history = null;
        search = null;
        heartbeats.detached();
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
        requested.close();
        changed.close();
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
