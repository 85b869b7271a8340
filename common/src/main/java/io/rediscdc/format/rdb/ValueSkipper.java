package io.rediscdc.format.rdb;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.IOException;

/**
 * Finds the end of a value without decoding it. Every loop reads at least a byte a turn, so that a count that lies ends
 * where the input does.
 */
final class ValueSkipper {

    private static final int MODULE_EOF = 0;
    private static final int MODULE_SINT = 1;
    private static final int MODULE_UINT = 2;
    private static final int MODULE_FLOAT = 3;
    private static final int MODULE_DOUBLE = 4;
    private static final int MODULE_STRING = 5;

    /** Scores as text are a length byte and so many characters, but for these: NaN and the infinities. */
    private static final int FIRST_SCORE_WITHOUT_TEXT = 253;

    private static final int TIME = 8;
    private static final int RAW_STREAM_ID = 16;
    private static final int CLASS_SPEC = 4;

    private final RdbInput in;

    ValueSkipper(RdbInput in) {
        this.in = in;
    }

    /** Skips what follows the type byte in a DUMP payload, or type byte and key in an RDB. */
    void skip(RdbType type) throws IOException {
        switch (type.layout()) {
            case STRING -> in.skipString();
            case STRINGS -> in.skipStrings(in.readCount());
            case PAIRS -> skipPairs(0);
            case PAIRS_WITH_TIMES -> skipPairs(TIME);
            case STRINGS_WITH_TEXT_SCORES -> skipTextScores();
            case STRINGS_WITH_SCORES -> skipScores();
            case TTL_PAIRS -> skipTtlPairs();
            case TIME_AND_TTL_PAIRS -> {
                in.skip(TIME);
                skipTtlPairs();
            }
            case TIME_AND_STRING -> {
                in.skip(TIME);
                in.skipString();
            }
            case QUICKLIST_NODES -> skipQuicklistNodes();
            case STREAM -> skipStream(1);
            case STREAM_2 -> skipStream(2);
            case STREAM_3 -> skipStream(3);
            case STREAM_4 -> skipStream(4);
            case MODULE -> {
                in.readLength();
                skipModuleValue();
            }
            case OPAQUE ->
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "type " + type + " at byte " + in.position()
                                + " of the RDB: only the module that wrote it knows"
                                + " where it ends; load it into a server of version 4.0 or later and save again");
        }
    }

    private void skipPairs(int trailer) throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            in.skipString();
            in.skipString();
            in.skip(trailer);
        }
    }

    private void skipTtlPairs() throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            in.readLength();
            in.skipString();
            in.skipString();
        }
    }

    private void skipTextScores() throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            in.skipString();
            int length = in.readUnsignedByte();
            if (length < FIRST_SCORE_WITHOUT_TEXT) {
                in.skip(length);
            }
        }
    }

    private void skipScores() throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            in.skipString();
            in.skip(Double.BYTES);
        }
    }

    private void skipQuicklistNodes() throws IOException {
        long count = in.readCount();
        for (long i = 0; i < count; i++) {
            in.readLength();
            in.skipString();
        }
    }

    private void skipStream(int version) throws IOException {
        long listpacks = in.readCount();
        for (long i = 0; i < listpacks; i++) {
            in.skipString();
            in.skipString();
        }
        // Number of entries, last id; then first id, greatest deleted id, entries ever added.
        skipLengths(version >= 2 ? 8 : 3);
        long groups = in.readCount();
        for (long i = 0; i < groups; i++) {
            skipGroup(version);
        }
        if (version >= 4) {
            skipIdempotence();
        }
    }

    private void skipGroup(int version) throws IOException {
        in.skipString();
        // Last delivered id; then entries read.
        skipLengths(version >= 2 ? 3 : 2);
        long pending = in.readCount();
        for (long i = 0; i < pending; i++) {
            in.skip(RAW_STREAM_ID + TIME);
            in.readLength();
        }
        long consumers = in.readCount();
        for (long i = 0; i < consumers; i++) {
            in.skipString();
            // Seen; then active.
            in.skip(version >= 3 ? 2 * TIME : TIME);
            long owned = in.readCount();
            for (long k = 0; k < owned; k++) {
                in.skip(RAW_STREAM_ID);
            }
        }
    }

    /** What XADD IDMP of Redis 8.6 remembers: duration, most entries, producers with ids, two statistics. */
    private void skipIdempotence() throws IOException {
        skipLengths(2);
        long producers = in.readCount();
        for (long i = 0; i < producers; i++) {
            in.skipString();
            long entries = in.readCount();
            for (long k = 0; k < entries; k++) {
                in.skipString();
                skipLengths(2);
            }
        }
        skipLengths(2);
    }

    private void skipLengths(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            in.readLength();
        }
    }

    /** Skips what a module wrote, up to its end mark: each item says of which kind it is. */
    void skipModuleValue() throws IOException {
        while (true) {
            long kind = in.readLength();
            if (kind == MODULE_EOF) {
                return;
            } else if (kind == MODULE_SINT || kind == MODULE_UINT) {
                in.readLength();
            } else if (kind == MODULE_FLOAT) {
                in.skip(Float.BYTES);
            } else if (kind == MODULE_DOUBLE) {
                in.skip(Double.BYTES);
            } else if (kind == MODULE_STRING) {
                in.skipString();
            } else {
                throw in.corrupt("kind " + Long.toUnsignedString(kind) + " within a module's value");
            }
        }
    }

    /** Skips what follows the KEY_META opcode of Redis 8.6: values that modules attached to a key (src/keymeta.c). */
    void skipKeyMeta() throws IOException {
        long classes = in.readCount();
        for (long i = 0; i < classes; i++) {
            in.skip(CLASS_SPEC);
            skipModuleValue();
        }
    }
}
