package io.rediscdc.format.rdb.value;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.rdb.RdbInput;
import io.rediscdc.format.rdb.RdbType;
import java.io.IOException;

/**
 * Decodes a value, as it stands in an RDB or in a DUMP payload, element by element: of a value of any size, no more is in
 * memory than an element or a packed node, a piece of a string, and the pending entries of a group, all within
 * {@link DecodeLimits}. A length is checked before anything is allocated for it, and what is allocated grows as the bytes
 * arrive. Not thread-safe; of no use after an exception.
 *
 * <p>Fails with {@link RedisCdcException} PROTOCOL for what no server writes, UNSUPPORTED for what is beyond a limit and
 * for values of modules, which have no elements that could be known here; both name the position. What the input throws
 * when it ends, EOFException above all, goes through.
 */
public final class ValueDecoder {

    private static final int SCORE_NAN = 253;
    private static final int SCORE_INFINITE = 254;
    private static final int SCORE_NEGATIVE_INFINITE = 255;

    private static final int PLAIN_NODE = 1;
    private static final int PACKED_NODE = 2;

    private final RdbInput in;
    private final DecodeLimits limits;

    /** A decoder whose positions count from where the input stands now: the begin of the RDB, best. */
    public ValueDecoder(ByteInput in, DecodeLimits limits) {
        this.in = new RdbInput(in, limits.elementBytes(), limits.boundName());
        this.limits = limits;
    }

    /** Decodes what follows the type byte in a DUMP payload, or type byte and key in an RDB. */
    public void decode(RdbType type, ValueVisitor to) throws IOException {
        switch (type) {
            case STRING -> in.readPieces(limits.pieceBytes(), to::string);
            case LIST -> list(to);
            case SET -> set(to);
            case ZSET -> zsetWithTextScores(to);
            case ZSET_2 -> zset(to);
            case HASH -> hash(to);
            case HASH_ZIPMAP -> hash(new Zipmap(in.readString(), in), to);
            case LIST_ZIPLIST -> list(new Ziplist(in.readString(), in), to);
            case SET_INTSET -> Intset.decode(in.readString(), in, to);
            case ZSET_ZIPLIST -> zset(new Ziplist(in.readString(), in), to);
            case HASH_ZIPLIST -> hash(new Ziplist(in.readString(), in), to);
            case LIST_QUICKLIST -> quicklist(to);
            case HASH_LISTPACK -> hash(new Listpack(in.readString(), in), to);
            case ZSET_LISTPACK -> zset(new Listpack(in.readString(), in), to);
            case LIST_QUICKLIST_2 -> quicklist2(to);
            case SET_LISTPACK -> set(new Listpack(in.readString(), in), to);
            case HASH_METADATA_PRE_GA -> hashWithTimes(1, to);
            case HASH_METADATA -> hashWithTimes(in.readLittleEndian(Long.BYTES), to);
            case HASH_LISTPACK_EX_PRE_GA -> hashWithTimes(new Listpack(in.readString(), in), to);
            case HASH_LISTPACK_EX -> {
                in.skip(Long.BYTES);
                hashWithTimes(new Listpack(in.readString(), in), to);
            }
            case VALKEY_HASH_2 -> hashWithTrailingTimes(to);
            case STREAM_LISTPACKS -> new StreamDecoder(in, limits).decode(1, to.stream());
            case STREAM_LISTPACKS_2 -> new StreamDecoder(in, limits).decode(2, to.stream());
            case STREAM_LISTPACKS_3 -> new StreamDecoder(in, limits).decode(3, to.stream());
            case STREAM_LISTPACKS_4 -> new StreamDecoder(in, limits).decode(4, to.stream());
            case MODULE_PRE_GA, MODULE_2 ->
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "a value of type " + type + " at byte " + in.position() + " of the RDB: only the module that"
                                + " wrote it knows its elements; it can be restored as a whole where the module is");
        }
    }

    private void list(ValueVisitor to) throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            to.listElement(in.readString());
        }
    }

    private static void list(PackedElements elements, ValueVisitor to) {
        while (elements.next()) {
            to.listElement(elements.element());
        }
    }

    private void quicklist(ValueVisitor to) throws IOException {
        long nodes = in.readCount();
        for (long i = 0; i < nodes; i++) {
            list(new Ziplist(in.readString(), in), to);
        }
    }

    private void quicklist2(ValueVisitor to) throws IOException {
        long nodes = in.readCount();
        for (long i = 0; i < nodes; i++) {
            long container = in.readLength();
            if (container == PLAIN_NODE) {
                to.listElement(in.readString());
            } else if (container == PACKED_NODE) {
                list(new Listpack(in.readString(), in), to);
            } else {
                throw in.corrupt("a list node of unknown kind " + Long.toUnsignedString(container));
            }
        }
    }

    private void set(ValueVisitor to) throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            to.setMember(in.readString());
        }
    }

    private static void set(PackedElements members, ValueVisitor to) {
        while (members.next()) {
            to.setMember(members.element());
        }
    }

    private void zset(ValueVisitor to) throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            byte[] member = in.readString();
            to.zsetMember(member, Double.longBitsToDouble(in.readLittleEndian(Double.BYTES)));
        }
    }

    private static void zset(PackedElements members, ValueVisitor to) {
        while (members.next()) {
            byte[] member = members.element();
            to.zsetMember(member, members.requireScore());
        }
    }

    private void zsetWithTextScores(ValueVisitor to) throws IOException {
        long count = in.readCount();
        byte[] text = new byte[SCORE_NAN];
        for (long i = 0; i < count; i++) {
            byte[] member = in.readString();
            int length = in.readUnsignedByte();
            switch (length) {
                case SCORE_NAN -> to.zsetMember(member, Double.NaN);
                case SCORE_INFINITE -> to.zsetMember(member, Double.POSITIVE_INFINITY);
                case SCORE_NEGATIVE_INFINITE -> to.zsetMember(member, Double.NEGATIVE_INFINITY);
                default -> {
                    for (int k = 0; k < length; k++) {
                        text[k] = (byte) in.readUnsignedByte();
                    }
                    to.zsetMember(member, Scores.parse(text, 0, length, in));
                }
            }
        }
    }

    private void hash(ValueVisitor to) throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            byte[] field = in.readString();
            to.hashField(field, in.readString(), ValueVisitor.NEVER);
        }
    }

    private static void hash(PackedElements pairs, ValueVisitor to) {
        while (pairs.next()) {
            byte[] field = pairs.element();
            to.hashField(field, pairs.requireElement(), ValueVisitor.NEVER);
        }
    }

    /**
     * Times before the fields; 0 for none.
     *
     * @param earliest what a time of 1 means
     */
    private void hashWithTimes(long earliest, ValueVisitor to) throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            long time = in.readLength();
            byte[] field = in.readString();
            to.hashField(field, in.readString(), time == 0 ? ValueVisitor.NEVER : checkedTime(time + earliest - 1));
        }
    }

    /** Field, value, time; 0 for none. */
    private void hashWithTimes(Listpack triples, ValueVisitor to) {
        while (triples.next()) {
            byte[] field = triples.element();
            byte[] value = triples.requireElement();
            long time = triples.requireNumber();
            to.hashField(field, value, time == 0 ? ValueVisitor.NEVER : checkedTime(time));
        }
    }

    /** Of Valkey: times behind the values; -1 for none. */
    private void hashWithTrailingTimes(ValueVisitor to) throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            byte[] field = in.readString();
            byte[] value = in.readString();
            long time = in.readLittleEndian(Long.BYTES);
            to.hashField(field, value, time == -1 ? ValueVisitor.NEVER : checkedTime(time));
        }
    }

    private long checkedTime(long time) {
        if (time < 0) {
            throw in.corrupt("a hash field that expires at " + time);
        }
        return time;
    }
}
