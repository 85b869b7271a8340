package io.rediscdc.format.rdb.value;

import io.rediscdc.format.rdb.RdbInput;

/**
 * A ziplist (src/ziplist.c, up to Redis 6.2): {@code total bytes (4), offset of the last element (4), number of elements
 * (2), elements, 0xff}; each element begins with the length of the one before.
 */
final class Ziplist extends PackedElements {

    private static final int HEADER = 10;
    private static final int COUNT_UNKNOWN = 0xffff;
    private static final int LONG_PREVIOUS = 0xfe;

    private final int count;
    private int seen;

    Ziplist(byte[] bytes, RdbInput errors) {
        super("ziplist", bytes, HEADER, errors);
        if (littleEndian32(0) != bytes.length) {
            throw corrupt("states " + littleEndian32(0));
        }
        count = unsigned(8) | unsigned(9) << 8;
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
        int previous = unsigned(at);
        if (previous > LONG_PREVIOUS) {
            throw corrupt("goes on behind its end mark");
        }
        int begin = at + (previous < LONG_PREVIOUS ? 1 : 5);
        need(begin, 1);
        int first = unsigned(begin);
        switch (first >> 6) {
            case 0 -> text(begin + 1, first);
            case 1 -> {
                need(begin, 2);
                text(begin + 2, (first & 0x3f) << 8 | unsigned(begin + 1));
            }
            case 2 -> {
                need(begin, 5);
                text(
                        begin + 5,
                        (long) unsigned(begin + 1) << 24
                                | unsigned(begin + 2) << 16
                                | unsigned(begin + 3) << 8
                                | unsigned(begin + 4));
            }
            default -> integer(begin, first);
        }
        return true;
    }

    private void integer(int begin, int first) {
        switch (first) {
            case 0xc0 -> readNumber(begin + 1, 2);
            case 0xd0 -> readNumber(begin + 1, 4);
            case 0xe0 -> readNumber(begin + 1, 8);
            case 0xf0 -> readNumber(begin + 1, 3);
            case 0xfe -> readNumber(begin + 1, 1);
            default -> {
                // 0xf1 to 0xfd hold 0 to 12 themselves.
                if (first < 0xf1 || first > 0xfd) {
                    throw corrupt("has an element of unknown encoding 0x" + Integer.toHexString(first));
                }
                number(first - 0xf1, begin + 1);
            }
        }
    }
}
