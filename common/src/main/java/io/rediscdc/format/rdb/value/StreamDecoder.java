package io.rediscdc.format.rdb.value;

import io.rediscdc.format.rdb.RdbInput;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Decodes a stream (rdbSaveObject in src/rdb.c, src/t_stream.c): nodes of entries, each a listpack under the id of its
 * first entry; counters; groups.
 */
final class StreamDecoder {

    private static final int RAW_ID = 16;
    private static final int DELETED = 1;
    private static final int SAME_FIELDS = 2;

    private static final VarHandle BIG_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final RdbInput in;
    private final PendingTable pending;

    StreamDecoder(RdbInput in, DecodeLimits limits) {
        this.in = in;
        this.pending = new PendingTable(in, limits);
    }

    /** @param version 1 to 4, of the layout */
    void decode(int version, StreamVisitor to) throws IOException {
        long nodes = in.readCount();
        boolean wanted = to.wantsEntries();
        for (long i = 0; i < nodes; i++) {
            if (wanted) {
                node(in.readString(), new Listpack(in.readString(), in), to);
            } else {
                in.skipString();
                in.skipString();
            }
        }
        long length = in.readCount();
        StreamId lastId = id();
        StreamVisitor.Counters counters = version < 2 ? null : new StreamVisitor.Counters(id(), id(), in.readLength());
        to.info(new StreamVisitor.Info(length, lastId, counters));
        long groups = in.readCount();
        for (long i = 0; i < groups; i++) {
            group(version, to);
        }
        if (version >= 4) {
            idempotence(to);
        }
    }

    /** Master entry: {@code valid, deleted, number of fields, fields, 0}; the entries follow. */
    private void node(byte[] key, Listpack entries, StreamVisitor to) {
        if (key.length != RAW_ID) {
            throw in.corrupt("a stream node under a key of " + key.length + " bytes");
        }
        long firstMs = (long) BIG_ENDIAN.get(key, 0);
        long firstSeq = (long) BIG_ENDIAN.get(key, Long.BYTES);
        long valid = entries.requireNumber();
        entries.requireNumber();
        byte[][] shared = new byte[count(entries, 1)][];
        for (int i = 0; i < shared.length; i++) {
            shared[i] = entries.requireElement();
        }
        entries.requireNumber();
        long seen = 0;
        while (entries.next()) {
            long flags = entries.currentNumber();
            long ms = firstMs + entries.requireNumber();
            long seq = firstSeq + entries.requireNumber();
            byte[][] fieldsAndValues = (flags & SAME_FIELDS) != 0 ? values(entries, shared) : pairs(entries);
            entries.requireNumber();
            if ((flags & DELETED) == 0) {
                seen++;
                if (fieldsAndValues.length == 0) {
                    throw in.corrupt("a stream entry without fields");
                }
                to.entry(new StreamId(ms, seq), fieldsAndValues);
            }
        }
        if (seen != valid) {
            throw in.corrupt("a stream node that states " + valid + " entries and has " + seen);
        }
    }

    private static byte[][] values(Listpack entries, byte[][] fields) {
        byte[][] fieldsAndValues = new byte[2 * fields.length][];
        for (int i = 0; i < fields.length; i++) {
            fieldsAndValues[2 * i] = fields[i];
            fieldsAndValues[2 * i + 1] = entries.requireElement();
        }
        return fieldsAndValues;
    }

    private static byte[][] pairs(Listpack entries) {
        byte[][] fieldsAndValues = new byte[2 * count(entries, 2)][];
        for (int i = 0; i < fieldsAndValues.length; i++) {
            fieldsAndValues[i] = entries.requireElement();
        }
        return fieldsAndValues;
    }

    /** A number of things to follow, each of so many elements: an element has two bytes at least. */
    private static int count(Listpack entries, int elements) {
        long count = entries.requireNumber();
        if (count < 0 || count > entries.remaining() / (2 * elements)) {
            throw entries.corrupt("states " + count + " fields where there is no room for them");
        }
        return (int) count;
    }

    private void group(int version, StreamVisitor to) throws IOException {
        byte[] name = in.readString();
        StreamId lastId = id();
        to.group(name, lastId, version >= 2 ? in.readLength() : StreamVisitor.UNKNOWN);
        pending.clear();
        long stated = in.readCount();
        for (long i = 0; i < stated; i++) {
            long ms = in.readBigEndian(Long.BYTES);
            long seq = in.readBigEndian(Long.BYTES);
            pending.add(ms, seq, in.readLittleEndian(Long.BYTES), in.readLength());
        }
        long owned = 0;
        long consumers = in.readCount();
        for (long i = 0; i < consumers; i++) {
            owned += consumer(version, to);
        }
        if (owned != pending.size()) {
            throw in.corrupt("a group of " + pending.size() + " pending entries of which its consumers have " + owned);
        }
    }

    private long consumer(int version, StreamVisitor to) throws IOException {
        byte[] name = in.readString();
        long seenMs = in.readLittleEndian(Long.BYTES);
        long activeMs = version >= 3 ? in.readLittleEndian(Long.BYTES) : StreamVisitor.UNKNOWN;
        to.consumer(name, seenMs, activeMs);
        long owned = in.readCount();
        for (long i = 0; i < owned; i++) {
            long ms = in.readBigEndian(Long.BYTES);
            long seq = in.readBigEndian(Long.BYTES);
            if (!pending.find(ms, seq)) {
                throw in.corrupt("a consumer's pending entry that its group does not have");
            }
            to.pending(new StreamId(ms, seq), pending.deliveredMs(), pending.deliveries());
        }
        return owned;
    }

    /** What XADD IDMP of Redis 8.6 remembers. */
    private void idempotence(StreamVisitor to) throws IOException {
        to.idempotence(in.readLength(), in.readLength());
        long producers = in.readCount();
        for (long i = 0; i < producers; i++) {
            to.producer(in.readString());
            long ids = in.readCount();
            for (long k = 0; k < ids; k++) {
                to.producedId(in.readString(), id());
            }
        }
        to.idempotenceCounts(in.readLength(), in.readLength());
    }

    private StreamId id() throws IOException {
        return new StreamId(in.readLength(), in.readLength());
    }
}
