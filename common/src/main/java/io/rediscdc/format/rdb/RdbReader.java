package io.rediscdc.format.rdb;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.CaptureLimitException;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.ValueDecoder;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.model.Flavour;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads an RDB item by item, of Redis (versions 1 to 13) and Valkey (80): a file, a replication transfer, the preamble of
 * an AOF. It decodes no value that is within the bound: it finds where each ends and hands out its bytes as DUMP would. Reads not one byte beyond
 * the end. Not thread-safe; of no use after an exception.
 *
 * <p>Memory: one value at a time, never more of it than has arrived; nothing is allocated for a length that only claims
 * to be one. Per key the key, the payload and the item are allocated.
 */
public final class RdbReader {

    /** Of Redis; the same opcode announces a slot import in Valkey. */
    static final int OPCODE_KEY_META = 243;

    private static final int OPCODE_SLOT_INFO = 244;
    private static final int OPCODE_FUNCTION = 245;
    private static final int OPCODE_FUNCTION_PRE_GA = 246;
    private static final int OPCODE_MODULE_AUX = 247;
    private static final int OPCODE_IDLE = 248;
    private static final int OPCODE_FREQ = 249;
    private static final int OPCODE_AUX = 250;
    private static final int OPCODE_RESIZE_DB = 251;
    private static final int OPCODE_EXPIRE_MS = 252;
    private static final int OPCODE_EXPIRE_SECONDS = 253;
    private static final int OPCODE_SELECT_DB = 254;
    private static final int OPCODE_END = 255;

    private static final int MAGIC_LENGTH = 9;
    private static final int LAST_REDIS_VERSION = 13;
    private static final int VALKEY_VERSION = 80;
    private static final int FIRST_VERSION_WITH_CHECKSUM = 5;
    private static final int MOST_SLOTS = 16384;

    private static final byte[] NO_META = {};
    private static final String MODULE_NAME_CHARACTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private final ByteInput input;
    private final RdbInput in;
    private final ValueSkipper values;
    private final ValueDecoder elements;
    private final long maxValueBytes;

    private Flavour flavour;
    private int version;
    private boolean ended;
    private int db;

    /** What was said of the key to come. */
    private long expireAtMs = RdbItem.Key.NONE;

    private long idleSeconds = RdbItem.Key.NONE;
    private int freq = RdbItem.Key.NONE;
    private byte[] meta = NO_META;

    private boolean readingLarge;

    /**
     * Reads from where the input stands.
     *
     * @param maxValueBytes the largest key, value or function library to hand out; it fails at a larger one
     */
    public RdbReader(ByteInput input, long maxValueBytes) {
        this(input, maxValueBytes, DecodeLimits.DEFAULT);
    }

    /** @param large how values beyond the bound are read, if they are */
    public RdbReader(ByteInput input, long maxValueBytes, DecodeLimits large) {
        this.input = input;
        this.maxValueBytes = maxValueBytes;
        this.in = new RdbInput(input, Math.min(maxValueBytes, Integer.MAX_VALUE - 64));
        this.values = new ValueSkipper(in);
        this.elements = new ValueDecoder(input, large);
    }

    /** Whether the magic is that of Redis or Valkey; null before the first item. Valkey before 9 writes Redis'. */
    public Flavour flavour() {
        return flavour;
    }

    /** The RDB version; 0 before the first item. */
    public int rdbVersion() {
        return version;
    }

    /** Number of bytes read of the RDB. */
    public long position() {
        return in.position();
    }

    /**
     * The next item: {@link RdbItem.Header} first, {@link RdbItem.End} last, null after that.
     *
     * @throws LargeValueException for a value beyond the bound: go back to where the input stood before and call
     *     {@link #nextLarge}
     * @throws RedisCdcException UNSUPPORTED for what this version does not know or what is beyond the bound, PROTOCOL
     *     for what no server writes, and for an RDB that ends too early. An input whose end may only mean that a
     *     connection broke should throw something of its own instead of EOFException.
     * @throws IOException what the input throws, other than EOFException
     */
    public RdbItem next() throws IOException {
        if (ended) {
            return null;
        }
        try {
            return flavour == null ? header() : item();
        } catch (EOFException e) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "RDB ends after " + position() + " bytes, before its end mark; take it again from the server",
                    e);
        }
    }

    /**
     * The key whose value was too large for {@link #next}. The input has to stand again where it stood then.
     * {@link #readLargeValue} is to follow.
     *
     * @throws RedisCdcException as {@link #next}
     */
    public RdbItem.LargeKey nextLarge() throws IOException {
        readingLarge = true;
        try {
            return (RdbItem.LargeKey) item();
        } finally {
            readingLarge = false;
        }
    }

    /**
     * Reads the value of what {@link #nextLarge} returned; of no use after an exception.
     *
     * @throws RedisCdcException as {@link ValueDecoder}
     */
    public void readLargeValue(RdbType type, ValueVisitor to) throws IOException {
        elements.decode(type, to);
    }

    private RdbItem header() throws IOException {
        input.startCrc();
        String magic = new String(input.readBytes(MAGIC_LENGTH), StandardCharsets.ISO_8859_1);
        if (magic.matches("REDIS\\d{4}")) {
            version = Integer.parseInt(magic.substring(5));
            flavour = Flavour.REDIS;
        } else if (magic.matches("VALKEY\\d{3}")) {
            version = Integer.parseInt(magic.substring(6));
            flavour = Flavour.VALKEY;
        } else {
            throw new RedisCdcException(
                    Category.PROTOCOL, "no RDB: it begins neither with REDIS nor with VALKEY and a version");
        }
        boolean known =
                flavour == Flavour.REDIS ? version >= 1 && version <= LAST_REDIS_VERSION : version == VALKEY_VERSION;
        if (!known) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "RDB version " + version + " of " + flavour.text() + " is not known here: known are 1 to "
                            + LAST_REDIS_VERSION + " of redis and " + VALKEY_VERSION + " of valkey");
        }
        return new RdbItem.Header(flavour, version);
    }

    private RdbItem item() throws IOException {
        while (true) {
            int opcode = in.readUnsignedByte();
            RdbType type = RdbType.of(flavour, opcode);
            if (type != null) {
                return key(type);
            }
            switch (opcode) {
                case OPCODE_EXPIRE_MS -> expireAtMs = in.readLittleEndian(8);
                case OPCODE_EXPIRE_SECONDS -> expireAtMs = (int) in.readLittleEndian(4) * 1000L;
                case OPCODE_IDLE -> idleSeconds = in.readCount();
                case OPCODE_FREQ -> freq = in.readUnsignedByte();
                case OPCODE_AUX -> {
                    String name = new String(in.readString(), StandardCharsets.UTF_8);
                    return new RdbItem.Aux(name, in.readString());
                }
                case OPCODE_SELECT_DB -> {
                    db = smallNumber("database", Integer.MAX_VALUE);
                    return new RdbItem.SelectDb(db);
                }
                case OPCODE_RESIZE_DB -> {
                    return new RdbItem.ResizeDb(db, in.readCount(), in.readCount());
                }
                case OPCODE_SLOT_INFO -> {
                    return new RdbItem.SlotInfo(smallNumber("slot", MOST_SLOTS - 1), in.readCount(), in.readCount());
                }
                case OPCODE_FUNCTION -> {
                    return new RdbItem.FunctionLibrary(in.readString());
                }
                case OPCODE_MODULE_AUX -> {
                    return moduleAux();
                }
                case OPCODE_KEY_META -> {
                    if (flavour == Flavour.VALKEY) {
                        return slotImport();
                    }
                    readMeta();
                }
                case OPCODE_END -> {
                    return end();
                }
                default -> throw unknown(opcode);
            }
        }
    }

    private RdbItem key(RdbType type) throws IOException {
        byte[] key = in.readString();
        if (readingLarge) {
            RdbItem.LargeKey item = new RdbItem.LargeKey(db, key, type, expireAtMs, idleSeconds, freq);
            forgetKey();
            return item;
        }
        input.startCapture(maxValueBytes);
        byte[] dump;
        try {
            values.skip(type);
            dump = input.endCapture(meta.length + 1, DumpPayload.FOOTER_LENGTH);
        } catch (CaptureLimitException e) {
            throw tooLarge(key, type, e);
        }
        System.arraycopy(meta, 0, dump, 0, meta.length);
        dump[meta.length] = (byte) type.number();
        DumpPayload.seal(dump, version);
        RdbItem.Key item = new RdbItem.Key(db, key, type, dump, expireAtMs, idleSeconds, freq);
        forgetKey();
        return item;
    }

    private void forgetKey() {
        expireAtMs = RdbItem.Key.NONE;
        idleSeconds = RdbItem.Key.NONE;
        freq = RdbItem.Key.NONE;
        meta = NO_META;
    }

    private RedisCdcException tooLarge(byte[] key, RdbType type, CaptureLimitException cause) {
        String what = "the value of a key (key length " + key.length + ", type " + type.typeName() + ") before byte "
                + position() + " of the RDB has " + cause.length() + " bytes so far, more than max.record.bytes = "
                + maxValueBytes;
        if (type == RdbType.MODULE_2 || type == RdbType.MODULE_PRE_GA) {
            return new RedisCdcException(
                    Category.UNSUPPORTED,
                    what + "; only its module knows how to cut it: raise max.record.bytes (with the producer's"
                            + " max.request.size and the topic's max.message.bytes)",
                    cause);
        }
        if (meta.length > 0) {
            return new RedisCdcException(
                    Category.UNSUPPORTED,
                    what + "; metadata of modules, which this key has, needs the value whole: raise max.record.bytes"
                            + " (with the producer's max.request.size and the topic's max.message.bytes)",
                    cause);
        }
        return new LargeValueException(what, cause);
    }

    /** In a file the key stands between type and value, but metadata precedes the type in both file and payload. */
    private void readMeta() throws IOException {
        input.startCapture(maxValueBytes);
        try {
            values.skipKeyMeta();
            meta = input.endCapture(1, 0);
        } catch (CaptureLimitException e) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "module metadata of a key before byte " + position() + " of the RDB has " + e.length()
                            + " bytes so far, more than max.record.bytes = " + maxValueBytes + "; raise it",
                    e);
        }
        meta[0] = (byte) OPCODE_KEY_META;
    }

    private RdbItem moduleAux() throws IOException {
        String module = moduleName(in.readLength());
        // Its "when" is framed as an item of the value, so that skipping the value skips it too.
        values.skipModuleValue();
        return new RdbItem.ModuleAux(module);
    }

    private RdbItem slotImport() throws IOException {
        String job = new String(in.readString(), StandardCharsets.UTF_8);
        int count = smallNumber("number of slot ranges", MOST_SLOTS);
        int[] ranges = new int[2 * count];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = smallNumber("slot", MOST_SLOTS - 1);
        }
        return new RdbItem.SlotImport(job, ranges);
    }

    private RdbItem end() throws IOException {
        long computed = input.crc();
        long stated = version < FIRST_VERSION_WITH_CHECKSUM ? 0 : in.readLittleEndian(8);
        input.stopCrc();
        ended = true;
        if (stated != 0 && stated != computed) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    String.format(
                            "RDB is damaged: the checksum at byte %d is %016x, that of the bytes before it %016x; take"
                                    + " it again from the server",
                            position() - 8, stated, computed));
        }
        return new RdbItem.End(position(), stated);
    }

    private int smallNumber(String what, int most) throws IOException {
        long number = in.readCount();
        if (number > most) {
            throw in.corrupt(what + " " + number);
        }
        return (int) number;
    }

    private RedisCdcException unknown(int opcode) {
        String what = opcode == OPCODE_FUNCTION_PRE_GA
                ? "opcode 246 (functions as written by release candidates of Redis 7.0)"
                : "opcode or type " + opcode;
        return new RedisCdcException(
                Category.UNSUPPORTED,
                what + " at byte " + (position() - 1) + " of an RDB of " + flavour.text() + " version " + version
                        + " is not known here; if that server writes it, this version is too old, else the RDB is"
                        + " damaged");
    }

    /** Nine characters of six bits each, then ten bits of version (moduleTypeNameByID in src/module.c). */
    private static String moduleName(long id) {
        char[] name = new char[9];
        for (int i = 0; i < name.length; i++) {
            name[i] = MODULE_NAME_CHARACTERS.charAt((int) ((id >>> (58 - 6 * i)) & 63));
        }
        return new String(name);
    }
}
