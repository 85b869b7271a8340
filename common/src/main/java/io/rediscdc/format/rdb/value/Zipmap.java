package io.rediscdc.format.rdb.value;

import io.rediscdc.format.rdb.RdbInput;

/**
 * A zipmap (src/zipmap.c, hashes up to Redis 2.4): {@code number of pairs (1), then for each: length, field, length,
 * number of unused bytes (1), value, unused bytes; 0xff}.
 */
final class Zipmap extends PackedElements {

    private static final int HEADER = 1;
    private static final int LONG_LENGTH = 0xfe;
    private static final int END = 0xff;
    private static final int COUNT_UNKNOWN = 0xfe;

    private final int pairs;
    private int seen;

    Zipmap(byte[] bytes, RdbInput errors) {
        super("zipmap", bytes, HEADER, errors);
        pairs = unsigned(0);
    }

    @Override
    boolean next() {
        boolean isValue = seen % 2 == 1;
        if (at == end) {
            if (isValue || (pairs < COUNT_UNKNOWN && 2 * pairs != seen)) {
                throw corrupt("states " + pairs + " pairs and has " + seen + " fields and values");
            }
            return false;
        }
        int begin = at;
        long stated = unsigned(begin++);
        if (stated == END) {
            throw corrupt("goes on behind its end mark");
        }
        if (stated == LONG_LENGTH) {
            need(begin, 4);
            stated = littleEndian32(begin);
            begin += 4;
        }
        int unused = 0;
        if (isValue) {
            need(begin, 1);
            unused = unsigned(begin++);
        }
        text(begin, stated);
        need(at, unused);
        at += unused;
        seen++;
        return true;
    }
}
