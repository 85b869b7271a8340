package io.rediscdc.source.replica;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What a capture can say of itself at any time. Written by the thread that reads, a few times a poll at most; read by any.
 */
public final class CaptureStatus {

    private final AtomicLong fullSyncs = new AtomicLong();
    private final AtomicLong partialSyncs = new AtomicLong();
    private final AtomicLong historyChanges = new AtomicLong();
    private final AtomicLong reconnects = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();
    private final LongSupplier masterChanges;

    /** The link that brings the history; null while there is none. */
    private volatile ReplicaLink link;

    private volatile long detachedAt = System.nanoTime();
    private volatile boolean snapshotOpen;
    private volatile ResumePoint point;
    private volatile String replid;

    /** Offset before the first byte of the link's spool; meaningless in a snapshot. */
    private volatile long base;

    /** Offset that the server is known to have reached. */
    private volatile long serverOffset;

    private volatile int dirtyKeys;
    private boolean wasAttached;

    /** @param masterChanges how often another master has been named */
    CaptureStatus(ResumePoint from, LongSupplier masterChanges) {
        this.masterChanges = masterChanges;
        point = from;
        replid = from.replid();
        serverOffset = from.offset();
    }

    void continued(ReplicaLink attached, String history, NodeState server) {
        partialSyncs.incrementAndGet();
        attached(attached, history);
        serverOffset = server.end();
    }

    void beganAnew(ReplicaLink attached, String history, long offset) {
        fullSyncs.incrementAndGet();
        attached(attached, history);
        snapshotOpen = true;
        serverOffset = offset;
    }

    private void attached(ReplicaLink attached, String history) {
        if (wasAttached) {
            reconnects.incrementAndGet();
        }
        wasAttached = true;
        if (replid != null && !replid.equals(history)) {
            historyChanges.incrementAndGet();
        }
        replid = history;
        link = attached;
    }

    /** What the link brings from here on is the stream after this offset. */
    void streaming(ReplicaLink streaming, long offset) {
        base = offset - streaming.spool().position();
        snapshotOpen = false;
    }

    void detached() {
        if (link != null) {
            detachedAt = System.nanoTime();
            link = null;
        }
    }

    void read(ResumePoint upTo) {
        point = upTo;
    }

    void dirty(int keys) {
        dirtyKeys = keys;
    }

    /** Keys that have changed and whose states are not handed out; 0 where the stream is told in commands. */
    public long dirtyKeys() {
        return dirtyKeys;
    }

    public boolean isAttached() {
        return link != null;
    }

    /** For how long there has been no link that brings the history, in ms; 0 if there is one. */
    public long detachedMs() {
        return isAttached() ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - detachedAt);
    }

    /** Links made that brought the history, but for the first. */
    public long reconnects() {
        return reconnects.get();
    }

    /** Full synchronisations begun, the first one included. */
    public long fullSyncs() {
        return fullSyncs.get();
    }

    public long partialSyncs() {
        return partialSyncs.get();
    }

    /** How often the replication id was another one: after a promotion, or where the server has forgotten its history. */
    public long historyChanges() {
        return historyChanges.get();
    }

    /** How often Sentinel has named another master. */
    public long masterChanges() {
        return masterChanges.getAsLong();
    }

    /** Whether a snapshot is awaited or being read. */
    public boolean isSnapshotOpen() {
        return snapshotOpen;
    }

    /** The state of a key that was asked for is on its way. */
    void answered() {
        answers.incrementAndGet();
    }

    /** So many keys that were asked for were given up. */
    void unanswered(int keys) {
        unanswered.addAndGet(keys);
    }

    /** Keys that were asked for and whose state could not be had, or was too large. */
    public long unanswered() {
        return unanswered.get();
    }

    /** States of keys that were asked for and have become changes. */
    public long answers() {
        return answers.get();
    }

    public long epoch() {
        return point.epoch();
    }

    /** Replication offset up to which has been read, where reading can be resumed; 0 if nowhere. */
    public long offset() {
        return point.offset();
    }

    /**
     * Replication offset that the server is known to have reached: received, or said when we attached. While the spool is
     * full it may be further.
     */
    public long serverOffset() {
        ReplicaLink open = link;
        long said = serverOffset;
        return open == null || snapshotOpen
                ? said
                : Math.max(said, base + open.spool().received());
    }

    /** Bytes received and not read yet. */
    public long spoolBytes() {
        ReplicaLink open = link;
        return open == null ? 0 : Math.max(0, open.spool().backlog());
    }

    /** Those of them that lie in files. */
    public long spoolFileBytes() {
        ReplicaLink open = link;
        return open == null ? 0 : open.spool().fileBytes();
    }

    /** What the spool takes of the heap, in bytes. */
    public long spoolMemoryBytes() {
        ReplicaLink open = link;
        return open == null ? 0 : open.spool().memoryBytes();
    }

    /** For how long the oldest byte in the spool has waited, in ms. */
    public long spoolOldestAgeMs() {
        ReplicaLink open = link;
        return open == null ? 0 : open.spool().oldestAgeMs();
    }

    /** Whether the spool is full, so that the server has to wait. */
    public boolean isSpoolStalled() {
        ReplicaLink open = link;
        return open != null && open.isStalled();
    }
}
