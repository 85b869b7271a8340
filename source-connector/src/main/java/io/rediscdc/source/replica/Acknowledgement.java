package io.rediscdc.source.replica;

/**
 * The offset for REPLCONF ACK, in one of the {@link AckMode}s. The link sends it every second; a server that has a
 * client in WAIT asks for it (GETACK in the stream) and is answered as soon as there is something to say.
 *
 * <p>In mode {@code COMMITTED} the offset is that of the last point up to which all records are acknowledged and, when no
 * record is on its way, that of all that has been read: what needs no record must not keep anybody in WAIT.
 *
 * <p>The reading thread calls all but {@link #committed}, which any thread may.
 */
final class Acknowledgement {

    private final AckMode mode;
    private volatile boolean asked;

    // Guarded by this.
    private ReplicaLink link;
    private ResumePoint seen;
    private ResumePoint handedOut;
    private ResumePoint committed;

    Acknowledgement(AckMode mode, ResumePoint from) {
        this.mode = mode;
        this.seen = from;
        this.handedOut = from;
        this.committed = from;
    }

    /** A link has been made on which the stream, if not a snapshot, comes next. An ACK, even of 0, keeps it alive. */
    synchronized void attached(ReplicaLink attached) {
        link = attached;
        attached.acknowledge(() -> 0);
    }

    /** From here on the link brings the stream: the next byte of its spool is the one after this offset. */
    void streaming(ReplicaLink streaming, boolean fromMaster, long offset) {
        if (mode == AckMode.COMMITTED) {
            streaming.acknowledge(this::committedOffset);
        } else if (mode == AckMode.RECEIVED || !fromMaster) {
            long base = offset - streaming.spool().position();
            streaming.acknowledge(() -> base + streaming.spool().received());
        }
    }

    synchronized void detached() {
        link = null;
        asked = false;
    }

    /** The server has asked. */
    void ask() {
        asked = true;
    }

    boolean isAsked() {
        return asked;
    }

    /**
     * Notes how far has been read.
     *
     * @param records whether there are records that {@link #committed} must be called for, with this very point
     */
    synchronized void read(ResumePoint point, boolean records) {
        seen = point;
        if (records) {
            handedOut = point;
        }
        if (asked && (mode != AckMode.COMMITTED || isIdle())) {
            answer();
            asked = false;
        }
    }

    /** All records up to a point that was {@link #read} are acknowledged. */
    synchronized void committed(ResumePoint point) {
        committed = point;
        if (asked) {
            answer();
            asked = !isIdle();
        }
    }

    private synchronized long committedOffset() {
        ResumePoint point = isIdle() ? seen : committed;
        return point.isPartial() && point.epoch() == seen.epoch() ? point.offset() : 0;
    }

    /** Two points of one transaction are equal; what follows in it changes neither until it ends with a record. */
    private boolean isIdle() {
        return committed.equals(handedOut);
    }

    private void answer() {
        if (link != null) {
            link.acknowledgeNow();
        }
    }
}
