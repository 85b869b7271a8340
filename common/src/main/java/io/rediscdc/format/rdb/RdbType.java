package io.rediscdc.format.rdb;

import io.rediscdc.model.Flavour;
import java.util.Locale;

/**
 * How a value is laid out in an RDB file or a DUMP payload: what its type byte says (src/rdb.h). Redis and Valkey have
 * given the same numbers to different layouts from 22 on, so a type byte means nothing without its {@link Flavour}.
 */
public enum RdbType {
    STRING(0, "string", 6, null, Layout.STRING),
    LIST(1, "list", 6, null, Layout.STRINGS),
    SET(2, "set", 6, null, Layout.STRINGS),
    ZSET(3, "zset", 6, null, Layout.STRINGS_WITH_TEXT_SCORES),
    HASH(4, "hash", 6, null, Layout.PAIRS),
    ZSET_2(5, "zset", 8, null, Layout.STRINGS_WITH_SCORES),
    MODULE_PRE_GA(6, "module", 8, null, Layout.OPAQUE),
    MODULE_2(7, "module", 8, null, Layout.MODULE),
    HASH_ZIPMAP(9, "hash", 6, null, Layout.STRING),
    LIST_ZIPLIST(10, "list", 6, null, Layout.STRING),
    SET_INTSET(11, "set", 6, null, Layout.STRING),
    ZSET_ZIPLIST(12, "zset", 6, null, Layout.STRING),
    HASH_ZIPLIST(13, "hash", 6, null, Layout.STRING),
    LIST_QUICKLIST(14, "list", 7, null, Layout.STRINGS),
    STREAM_LISTPACKS(15, "stream", 9, null, Layout.STREAM),
    HASH_LISTPACK(16, "hash", 10, null, Layout.STRING),
    ZSET_LISTPACK(17, "zset", 10, null, Layout.STRING),
    LIST_QUICKLIST_2(18, "list", 10, null, Layout.QUICKLIST_NODES),
    STREAM_LISTPACKS_2(19, "stream", 10, null, Layout.STREAM_2),
    SET_LISTPACK(20, "set", 11, null, Layout.STRING),
    STREAM_LISTPACKS_3(21, "stream", 11, null, Layout.STREAM_3),
    /** Written by release candidates of Redis 7.4 only. */
    HASH_METADATA_PRE_GA(22, "hash", 12, Flavour.REDIS, Layout.TTL_PAIRS),
    /** Written by release candidates of Redis 7.4 only. */
    HASH_LISTPACK_EX_PRE_GA(23, "hash", 12, Flavour.REDIS, Layout.STRING),
    HASH_METADATA(24, "hash", 12, Flavour.REDIS, Layout.TIME_AND_TTL_PAIRS),
    HASH_LISTPACK_EX(25, "hash", 12, Flavour.REDIS, Layout.TIME_AND_STRING),
    STREAM_LISTPACKS_4(26, "stream", 13, Flavour.REDIS, Layout.STREAM_4),
    VALKEY_HASH_2(22, "hash", 80, Flavour.VALKEY, Layout.PAIRS_WITH_TIMES);

    /** What follows the type byte; {@link ValueSkipper} finds the end of each, {@code value.ValueDecoder} reads most. */
    public enum Layout {
        STRING,
        STRINGS,
        STRINGS_WITH_TEXT_SCORES,
        STRINGS_WITH_SCORES,
        PAIRS,
        TTL_PAIRS,
        TIME_AND_TTL_PAIRS,
        TIME_AND_STRING,
        PAIRS_WITH_TIMES,
        QUICKLIST_NODES,
        STREAM,
        STREAM_2,
        STREAM_3,
        STREAM_4,
        MODULE,
        /** Its end cannot be found without the module that wrote it. */
        OPAQUE
    }

    private static final RdbType[] REDIS = byNumber(Flavour.REDIS);
    private static final RdbType[] VALKEY = byNumber(Flavour.VALKEY);

    private final int number;
    private final String typeName;
    private final int minimumVersion;
    private final Flavour onlyIn;
    private final Layout layout;

    RdbType(int number, String typeName, int minimumVersion, Flavour onlyIn, Layout layout) {
        this.number = number;
        this.typeName = typeName;
        this.minimumVersion = minimumVersion;
        this.onlyIn = onlyIn;
        this.layout = layout;
    }

    /** The type of that number in that flavour, or null if it has none. */
    public static RdbType of(Flavour flavour, int number) {
        RdbType[] types = flavour == Flavour.VALKEY ? VALKEY : REDIS;
        return number >= 0 && number < types.length ? types[number] : null;
    }

    /** The type byte. */
    public int number() {
        return number;
    }

    /** What TYPE answers for such a key, but "module" for all types of modules. */
    public String typeName() {
        return typeName;
    }

    /** The lowest RDB version whose servers can read it: a DUMP payload may state this one (6 is that of Redis 2.8). */
    public int minimumVersion() {
        return minimumVersion;
    }

    /** Whether servers of that flavour know it. */
    public boolean isIn(Flavour flavour) {
        return onlyIn == null || onlyIn == flavour;
    }

    /** What follows the type byte. */
    public Layout layout() {
        return layout;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT) + " (" + number + ")";
    }

    private static RdbType[] byNumber(Flavour flavour) {
        RdbType[] types = new RdbType[27];
        for (RdbType type : values()) {
            if (type.isIn(flavour)) {
                types[type.number] = type;
            }
        }
        return types;
    }
}
