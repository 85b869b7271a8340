package io.rediscdc.format.rdb.value;

import io.rediscdc.format.rdb.RdbInput;

/**
 * A listpack (src/listpack.c): {@code total bytes (4), number of elements (2), elements, 0xff}; each element ends with its
 * own length, for walking backwards.
 */
final class Listpack extends PackedElements {

    private static final int HEADER = 6;
    private static final int COUNT_UNKNOWN = 0xffff;

    private final int count;
    private int seen;

    Listpack(byte[] bytes, RdbInput errors) {
        super("listpack", bytes, HEADER, errors);
        if (littleEndian32(0) != bytes.length) {
            throw corrupt("states " + littleEndian32(0));
        }
        count = unsigned(4) | unsigned(5) << 8;
    }

    @Override
    boolean next() {
        if (at == end) {
            if (count != COUNT_UNKNOWN && count != seen) {
                throw corrupt("states " + count + " elements and has " + seen);
            }
            return false;
        }
        seen++;
        int begin = at;
        int first = unsigned(begin);
        if (first < 0x80) {
            number(first, begin + 1);
        } else if (first < 0xc0) {
            text(begin + 1, first & 0x3f);
        } else if (first < 0xe0) {
            need(begin, 2);
            int value = (first & 0x1f) << 8 | unsigned(begin + 1);
            number(value << 19 >> 19, begin + 2);
        } else if (first < 0xf0) {
            need(begin, 2);
            text(begin + 2, (first & 0x0f) << 8 | unsigned(begin + 1));
        } else {
            wide(begin, first);
        }
        int lengthBytes = backLength(at - begin);
        need(at, lengthBytes);
        at += lengthBytes;
        return true;
    }

    private void wide(int begin, int first) {
        switch (first) {
            case 0xf0 -> {
                need(begin, 5);
                text(begin + 5, littleEndian32(begin + 1));
            }
            case 0xf1 -> readNumber(begin + 1, 2);
            case 0xf2 -> readNumber(begin + 1, 3);
            case 0xf3 -> readNumber(begin + 1, 4);
            case 0xf4 -> readNumber(begin + 1, 8);
            default -> throw corrupt("has an element of unknown encoding 0x" + Integer.toHexString(first));
        }
    }

    /**
     * Number of bytes in which a length is written behind an element: seven bits each. The server's own bounds (lpEncodeBacklen)
     * are one below what the bits could hold, but for the first.
     */
    static int backLength(int length) {
        if (length <= 127) {
            return 1;
        } else if (length < 16_383) {
            return 2;
        } else if (length < 2_097_151) {
            return 3;
        }
        return length < 268_435_455 ? 4 : 5;
    }
}
