package io.rediscdc.command.rebuild;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;

/**
 * Writes a stream, or one part of it. Groups before entries is the order in which everything can be expressed: XCLAIM of
 * 7.0 wants an entry for every id, so each gets one, which is trimmed away afterwards and leaves no trace but the last id,
 * and that can be reset while the stream is empty. XDEL instead of XTRIM would be remembered in the greatest deleted id.
 */
final class StreamWriter implements StreamVisitor {

    /** What to write. */
    enum Part {
        /** Groups, into an empty stream. */
        GROUPS,
        /** Entries and counters of a stream without groups. */
        ENTRIES,
        /** Entries and counters, into the stream that has its groups already. */
        BEHIND_GROUPS,
        /** Everything, as it comes: entries first. */
        ALL,
        /** Entries, under ids of the target's own. */
        NEW_IDS
    }

    private static final byte[] XADD = Arguments.of("XADD");
    private static final byte[] XSETID = Arguments.of("XSETID");
    private static final byte[] XREADGROUP = Arguments.of("XREADGROUP");
    private static final byte[] GROUP = Arguments.of("GROUP");
    private static final byte[] COUNT = Arguments.of("COUNT");
    private static final byte[] ONE = Arguments.of("1");
    private static final byte[] STREAMS = Arguments.of("STREAMS");
    private static final byte[] XGROUP = Arguments.of("XGROUP");
    private static final byte[] SETID = Arguments.of("SETID");
    private static final byte[] CREATE = Arguments.of("CREATE");
    private static final byte[] CREATECONSUMER = Arguments.of("CREATECONSUMER");
    private static final byte[] DESTROY = Arguments.of("DESTROY");
    private static final byte[] MKSTREAM = Arguments.of("MKSTREAM");
    private static final byte[] ENTRIESREAD = Arguments.of("ENTRIESREAD");
    private static final byte[] ENTRIESADDED = Arguments.of("ENTRIESADDED");
    private static final byte[] MAXDELETEDID = Arguments.of("MAXDELETEDID");
    private static final byte[] NEXT_ID = Arguments.of("*");
    private static final byte[] NO_ID = Arguments.of(StreamId.ZERO);
    private static final byte[] ZERO = Arguments.of("0");

    private final byte[] key;
    private final TargetAbilities target;
    private final RebuildOutput to;
    private final Part part;
    private final PendingWriter pending;

    private final boolean writesGroups;

    private Info info;
    private long written;
    private StreamId firstWritten = StreamId.ZERO;
    private StreamId lastWritten = StreamId.ZERO;
    private byte[] group;
    private boolean exists;
    /** A consumer of which nothing has told the target yet. */
    private byte[] consumerMissing;

    private boolean producerIds;

    StreamWriter(byte[] key, TargetAbilities target, RebuildLimits limits, RebuildOutput to, Part part) {
        this.key = key;
        this.target = target;
        this.to = to;
        this.part = part;
        this.pending = new PendingWriter(key, limits, to, part == Part.GROUPS && target.claimNeedsEntry());
        this.writesGroups = target.streams() && (part == Part.GROUPS || part == Part.ALL);
        this.exists = part == Part.BEHIND_GROUPS;
        if (!target.streams()) {
            to.unsupported(Unsupported.STREAM);
        }
    }

    @Override
    public boolean wantsEntries() {
        return part != Part.GROUPS && target.streams();
    }

    @Override
    public void entry(StreamId id, byte[][] fieldsAndValues) {
        if (!wantsEntries()) {
            return;
        }
        byte[][] args = new byte[3 + fieldsAndValues.length][];
        args[0] = XADD;
        args[1] = key;
        args[2] = part == Part.NEW_IDS ? NEXT_ID : Arguments.of(id);
        System.arraycopy(fieldsAndValues, 0, args, 3, fieldsAndValues.length);
        to.command(args);
        if (written == 0) {
            firstWritten = id;
        }
        written++;
        lastWritten = id;
        exists = true;
    }

    /** Counters go before groups: a group cannot have read more than was ever added. */
    @Override
    public void info(Info newInfo) {
        info = newInfo;
        if (!target.streams() || part == Part.GROUPS) {
            return;
        }
        if (!exists) {
            // The only way to an empty stream that leaves nothing behind.
            to.command(new byte[][] {XGROUP, CREATE, key, ZERO, NO_ID, MKSTREAM});
            to.command(new byte[][] {XGROUP, DESTROY, key, ZERO});
            exists = true;
        }
        if (part != Part.NEW_IDS) {
            setCounters();
        }
    }

    @Override
    public void group(byte[] name, StreamId lastId, long entriesRead) {
        if (part == Part.BEHIND_GROUPS) {
            setEntriesRead(name, lastId, entriesRead(lastId, entriesRead));
        }
        if (!writesGroups) {
            return;
        }
        endConsumer();
        group = name;
        // In an empty stream, nobody can have read anything yet.
        long read = part == Part.GROUPS ? UNKNOWN : entriesRead(lastId, entriesRead);
        if (read != UNKNOWN) {
            to.command(new byte[][] {
                XGROUP, CREATE, key, name, Arguments.of(lastId), MKSTREAM, ENTRIESREAD, Arguments.of(read)
            });
        } else {
            to.command(new byte[][] {XGROUP, CREATE, key, name, Arguments.of(lastId), MKSTREAM});
        }
    }

    @Override
    public void consumer(byte[] name, long seenMs, long activeMs) {
        if (!writesGroups) {
            return;
        }
        endConsumer();
        to.unsupported(Unsupported.CONSUMER_TIMES);
        pending.begin(group, name);
        if (target.createConsumer()) {
            to.command(new byte[][] {XGROUP, CREATECONSUMER, key, group, name});
        } else {
            consumerMissing = name;
        }
    }

    @Override
    public void pending(StreamId id, long deliveredMs, long deliveries) {
        if (!writesGroups) {
            return;
        }
        if (part == Part.ALL && target.claimNeedsEntry() && isCertainlyGone(id)) {
            to.unsupported(Unsupported.PENDING_WITHOUT_ENTRY);
            return;
        }
        consumerMissing = null;
        pending.add(id, deliveredMs, deliveries);
    }

    @Override
    public void producedId(byte[] id, StreamId entry) {
        if (writesGroups && !producerIds) {
            producerIds = true;
            to.unsupported(Unsupported.PRODUCER_IDS);
        }
    }

    /** Writes what is outstanding. */
    void finish() {
        endConsumer();
    }

    /** Whether a group has been written, that is whether the stream exists. */
    boolean hasGroups() {
        return group != null;
    }

    private void endConsumer() {
        pending.flush();
        if (consumerMissing != null) {
            // Asking for what is pending makes a consumer known, and changes nothing else.
            to.command(new byte[][] {XREADGROUP, GROUP, group, consumerMissing, COUNT, ONE, STREAMS, key, ZERO});
            consumerMissing = null;
        }
    }

    private void setEntriesRead(byte[] name, StreamId lastId, long read) {
        if (read != UNKNOWN) {
            to.command(new byte[][] {XGROUP, SETID, key, name, Arguments.of(lastId), ENTRIESREAD, Arguments.of(read)});
        }
    }

    /**
     * What to tell the target. Servers before 7.0 do not count; what can be told of such a group nevertheless is what newer
     * ones conclude when they load its stream (streamEstimateDistanceFromFirstEverEntry in src/t_stream.c).
     */
    private long entriesRead(StreamId lastId, long said) {
        if (!target.streamCounters() || info.counters() != null) {
            return target.streamCounters() ? said : UNKNOWN;
        }
        if (info.length() == 0) {
            return 0;
        }
        int toLast = lastId.compareTo(info.lastId());
        if (toLast >= 0) {
            return toLast == 0 ? info.length() : UNKNOWN;
        }
        int toFirst = lastId.compareTo(firstWritten);
        if (toFirst <= 0) {
            return toFirst == 0 ? 1 : 0;
        }
        return UNKNOWN;
    }

    private boolean isCertainlyGone(StreamId id) {
        return info.length() == 0
                || id.compareTo(lastWritten) > 0
                || (info.counters() != null && id.compareTo(info.counters().firstId()) < 0);
    }

    private void setCounters() {
        Counters counters =
                info.counters() != null ? info.counters() : new Counters(StreamId.ZERO, StreamId.ZERO, info.length());
        StreamId lastId = max(info.lastId(), lastWritten);
        if (!target.streamCounters()) {
            report(!lastId.equals(info.lastId()));
            to.command(new byte[][] {XSETID, key, Arguments.of(lastId)});
            return;
        }
        StreamId maxDeletedId = counters.maxDeletedId().compareTo(lastId) > 0 ? lastId : counters.maxDeletedId();
        long added = Math.max(counters.entriesAdded(), written);
        report(!lastId.equals(info.lastId())
                || !maxDeletedId.equals(counters.maxDeletedId())
                || added != counters.entriesAdded());
        to.command(new byte[][] {
            XSETID,
            key,
            Arguments.of(lastId),
            ENTRIESADDED,
            Arguments.of(added),
            MAXDELETEDID,
            Arguments.of(maxDeletedId)
        });
    }

    private void report(boolean contradiction) {
        if (contradiction) {
            to.unsupported(Unsupported.STREAM_COUNTERS);
        }
    }

    private static StreamId max(StreamId a, StreamId b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
