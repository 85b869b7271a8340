package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Origin;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import io.rediscdc.source.cluster.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attachment to a server, from PSYNC until the link ends: first a snapshot, unless the server can continue where we
 * stopped, then the command stream. Every step reads one item from the spool or, where the item has not arrived whole,
 * throws {@link Spool.Stalled} and can be repeated.
 */
final class ReplicaHistory {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaHistory.class);

    private enum Phase {
        REPLY,
        PAYLOAD,
        SNAPSHOT,
        MARKER,
        STREAM
    }

    private final ReplicaLink link;
    private final Spool spool;
    private final String shard;
    private final int maxRecordBytes;
    private final ResumePoint from;
    private final Chain chain;
    private final Node node;
    private final Acknowledgement acknowledgement;
    private final CaptureStatus status;
    private final LongSupplier serverOffset;
    private final Supplier<Ownership> owned;
    private final String psync;
    private final HistoryForm form;
    private final KeyChanges keyChanges;
    private final ChangedStates changedStates;
    private final StateAnswers answers = new StateAnswers();

    private Phase phase = Phase.REPLY;
    private String replid;
    private long snapshotOffset;
    private SnapshotFrame frame;
    private Stamper stamper;
    private SnapshotDecoder snapshot;
    private StreamDecoder stream;
    private Announcements announcements;

    /** Offset up to which the server had its history when it began to send its stream: that may be old. */
    private long oldUntil;

    /** When the history read so far was received, as its changes say; 0 if that is not known. */
    private long tsMs;

    /**
     * Not begun yet.
     *
     * @param serverOffset up to which offset the server has its history now, which takes a moment; -1 if not known
     * @param owned which slots the shard has now; null where it is no cluster's
     */
    ReplicaHistory(
            Node node,
            ReplicaOptions options,
            ResumePoint from,
            Acknowledgement acknowledgement,
            CaptureStatus status,
            LongSupplier serverOffset,
            Supplier<Ownership> owned) {
        this.link = node.link();
        this.spool = link.spool();
        this.node = node;
        this.shard = options.shard();
        this.maxRecordBytes = options.maxRecordBytes();
        this.from = from;
        this.form = HistoryForm.of(options);
        this.keyChanges = form.keyChanges();
        this.changedStates = new ChangedStates(keyChanges, maxRecordBytes);
        this.chain = new Chain(from.last(), !options.isCompacted());
        this.acknowledgement = acknowledgement;
        this.status = status;
        this.serverOffset = serverOffset;
        this.owned = owned;
        this.psync = options.psync().at(link.node());
        this.tsMs = from.tsMs();
    }

    /** Asks for the history from the point given at construction on. */
    void begin() {
        boolean partial = from.isPartial() && !form.isAheadOf(node, from, chain.last(0));
        String id = partial ? from.replid() : "?";
        String offset = partial ? Long.toString(from.offset() + 1) : "-1";
        link.send(ascii(psync), ascii(id), ascii(offset));
    }

    /**
     * Reads one item.
     *
     * @param receivedMs when it was received, ms since 1970
     * @return a change, or null if the item was none
     * @throws Spool.Stalled if it has not arrived whole; {@link Spool#rewind()} is due then
     */
    Change step(long receivedMs) throws IOException {
        try {
            return read(receivedMs);
        } catch (RedisCdcException e) {
            throw e.category() == Category.CONNECTION ? e : located(e);
        }
    }

    private Change read(long receivedMs) throws IOException {
        return switch (phase) {
            case REPLY -> {
                readReply(receivedMs);
                yield null;
            }
            case PAYLOAD -> {
                readPayloadHeader();
                yield null;
            }
            case SNAPSHOT -> readSnapshot();
            case MARKER -> {
                frame.readMarker(spool);
                startStreamAfterSnapshot();
                yield null;
            }
            case STREAM -> stream.next(age(receivedMs));
        };
    }

    /**
     * What the server had executed while nobody of us listened, or while it sent a snapshot, can be as old as the last we
     * heard, or as the snapshot: whoever takes it for new would let keys expire that it renews further on. So its changes
     * say that they are.
     */
    private long age(long receivedMs) {
        if (stream.offset() >= oldUntil || tsMs == 0) {
            tsMs = receivedMs;
        }
        return tsMs;
    }

    /** Whether states that were read are still to become changes. */
    boolean isAnswering() {
        return !answers.isEmpty();
    }

    /** Has states that were read from the server become changes where the history is as they are. */
    void answer(List<StateReader.States> read) {
        answers.add(read);
    }

    /**
     * How long it is until states of keys that have changed are to be read, ns: 0 or less if they are, {@link Long#MAX_VALUE} if
     * nothing waits, or what was read waits for its place. Always that where the history is told in commands.
     */
    long readingDueInNanos() {
        boolean reads = !keyChanges.isEmpty() && changedStates.isEmpty() && keyChanges.isNew(stream.offset());
        return reads ? keyChanges.dueInNanos(System.nanoTime()) : Long.MAX_VALUE;
    }

    /** Keys that have changed and whose states are to be read. */
    List<ChangeKey> changedKeys(int max, long nowNanos) {
        return keyChanges.due(max, nowNanos);
    }

    /** Has states of {@link #changedKeys} become changes where the history is as they are; of another history, none. */
    void changed(List<StateReader.States> read) {
        changedStates.add(read.stream().filter(states -> states.isOf(replid)).toList());
    }

    /** How many keys have changed and are not handed out. */
    int dirtyKeys() {
        return keyChanges.size();
    }

    /** Whether it is to be left, and read again from its {@link #resumePoint}. */
    boolean isToBeRepeated() {
        return keyChanges.isToBeRepeated() || keyChanges.needsSnapshot();
    }

    /** Whether only a new snapshot can tell what has happened. */
    boolean needsSnapshot() {
        return keyChanges.needsSnapshot();
    }

    /** The next of what is said before the stream goes on, if it is due: of a promotion, and the states that were read. */
    Change nextAnswer() {
        Change change = announcements == null ? null : announcements.next();
        if (change == null) {
            change = changedStates.next(stream, stamper);
        }
        if (change == null && !answers.isEmpty()) {
            change = answers.next(stream, stamper);
        }
        if (change != null) {
            chain.settle();
        }
        return change;
    }

    /** Where another attachment continues what this one has handed out so far. */
    ResumePoint resumePoint() {
        if (needsSnapshot()) {
            return ResumePoint.broken(stamper.epoch(), chain.settled());
        }
        if (announcements != null && announcements.isTelling()) {
            return from; // under its former name: who goes on from here tells of the promotion, too
        }
        DirtyKeys.Boundary before = keyChanges.first();
        if (before != null) {
            return new ResumePoint(replid, before.offset(), before.db(), stamper.epoch(), chain.settled(), tsMs);
        }
        if (stream != null) {
            return new ResumePoint(
                    replid, stream.safeOffset(), stream.safeDb(), stamper.epoch(), chain.settled(), tsMs);
        }
        if (snapshot != null && snapshot.begun()) {
            chain.settle();
            return ResumePoint.broken(stamper.epoch(), chain.settled());
        }
        return from;
    }

    /** Whether there is something that needs no more bytes. */
    boolean isDue() {
        return stream == null ? snapshot != null && snapshot.isDue() : stream.isDue();
    }

    int partitions() {
        return chain.partitions();
    }

    /** As {@link Announcements#heartbeats}; none where they cannot be placed now. */
    List<Change> heartbeats() {
        return stream == null || stream.isWithin() ? List.of() : announcements.heartbeats(stream.safeOffset(), tsMs);
    }

    /** As {@link Announcements#ownership}; none where they cannot be placed now. */
    List<Change> ownership(Ownership owns) {
        return stream == null || stream.isWithin()
                ? List.of()
                : announcements.ownership(owns, stream.safeOffset(), tsMs);
    }

    /** True once the server sends a snapshot or its stream: attaching has worked. */
    boolean established() {
        return snapshot != null || stream != null;
    }

    /** True once the server sends its stream. */
    boolean streaming() {
        return stream != null;
    }

    private void readReply(long receivedMs) throws IOException {
        String line = ServerLine.read(spool);
        String[] words = line.split(" ", -1);
        if (words[0].equals("+CONTINUE") && from.isPartial()) {
            replid = words.length > 1 ? words[1] : from.replid();
            form.checkContinued(node, replid);
            long shared = shared();
            LOG.info("Continuing from {} at {} (partial resynchronisation)", link.node(), from);
            stamper = stamper(from.epoch());
            acknowledgement.attached(link);
            status.continued(link, replid, node.state());
            oldUntil = node.state().end();
            startStream(from.offset(), from.db());
            if (shared >= 0) {
                announcements.promotion(shared, from.offset(), tsMs == 0 ? receivedMs : tsMs);
            }
        } else if (words[0].equals("+FULLRESYNC") && words.length >= 3) {
            replid = words[1];
            snapshotOffset = ServerLine.number(words[2], line);
            if (from.isPartial()) {
                LOG.warn(
                        "{} cannot continue from {}, it {}: a full resynchronisation begins",
                        link.node(),
                        from,
                        node.state().whyNot(from));
            }
            LOG.info("Full synchronisation from {}: history {} at offset {}", link.node(), replid, snapshotOffset);
            stamper = stamper(Math.max(System.currentTimeMillis(), from.epoch() + 1));
            tsMs = receivedMs;
            phase = Phase.PAYLOAD;
            acknowledgement.attached(link);
            status.beganAnew(link, replid, snapshotOffset);
        } else if (words[0].startsWith("-")) {
            throw node.handshake().refusal("PSYNC", line.substring(1));
        } else {
            throw ServerLine.unexpected("answered PSYNC with '" + line + "'");
        }
    }

    /** Offset of the last byte that the history has from before it got another name; -1 if it has not got one, or this is not known. */
    private long shared() {
        NodeState state = node.state();
        if (replid.equals(from.replid())) {
            return -1;
        }
        LOG.info("{} continues the history {} as {}", link.node(), from.replid(), replid);
        if (state.replid() != null && !state.continues(from.replid(), replid)) {
            throw new RedisCdcException(
                    Category.CONNECTION, link.node() + " has got another history since it was asked for its state");
        }
        return state.replid() == null ? -1 : state.formerEnd() - 1;
    }

    private void readPayloadHeader() throws IOException {
        String line = ServerLine.read(spool);
        if (line.startsWith("-")) {
            throw new RedisCdcException(
                    Category.CONNECTION, link.node() + " gave up its snapshot: " + line.substring(1));
        }
        frame = SnapshotFrame.of(line);
        snapshot = new SnapshotDecoder(spool, stamper, snapshotOffset, maxRecordBytes, !chain.isLinked());
        phase = Phase.SNAPSHOT;
    }

    private Change readSnapshot() throws IOException {
        Change change = snapshot.next(tsMs);
        if (snapshot.ended()) {
            if (frame.hasMarker()) {
                phase = Phase.MARKER;
            } else {
                frame.checkLength(snapshot.bytes());
                startStreamAfterSnapshot();
            }
        }
        return change;
    }

    /** What the server has executed while it sent the snapshot comes at once now. */
    private void startStreamAfterSnapshot() {
        startStream(snapshotOffset, snapshot.streamDb());
        long end = serverOffset.getAsLong();
        oldUntil = end < 0 ? snapshotOffset + spool.backlog() : end;
    }

    private void startStream(long offset, int db) {
        spool.mark();
        chain.settle();
        stream = form.stream(spool, chain, stamper, offset, db, acknowledgement::ask);
        announcements = new Announcements(chain, stamper);
        phase = Phase.STREAM;
        acknowledgement.streaming(link, node.state().isMaster(), offset);
        status.streaming(link, offset);
    }

    private Stamper stamper(long epoch) {
        Origin origin = new Origin(shard, link.node().toString(), replid);
        return new Stamper(chain, origin, epoch, owned, form.firstIndex(epoch));
    }

    private RedisCdcException located(RedisCdcException e) {
        String where =
                switch (phase) {
                    case REPLY, PAYLOAD -> "";
                    case SNAPSHOT, MARKER -> " (snapshot of " + replid + ":" + snapshotOffset + ")";
                    case STREAM -> " (stream after " + replid + ":" + stream.safeOffset() + ")";
                };
        return new RedisCdcException(e.category(), "reading from " + link.node() + where + ": " + e.getMessage(), e);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
