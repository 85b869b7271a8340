package io.rediscdc.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * CRC-64 with the polynomial of Jones, as at the end of RDB files and DUMP payloads (src/crc64.c): reflected, starting
 * from 0, no final xor; of "123456789" it is e9c6d914c4b8d9ca. Sixteen bytes a step (slicing),
 * then eight, then one.
 */
public final class Crc64 {

    /** 0xad93d23594c935a9 with its bits reversed. */
    private static final long POLYNOMIAL = 0x95ac9329ac4bc9b5L;

    private static final int SLICES = 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** TABLE[256 * n + b]: what byte b does to the CRC when n more bytes follow it. */
    private static final long[] TABLE = table();

    private Crc64() {}

    /** The CRC of bytes that are followed by these, where {@code crc} is that of the former (0 where there are none). */
    public static long update(long crc, byte[] bytes, int offset, int length) {
        long[] t = TABLE;
        long c = crc;
        int at = offset;
        int end = offset + length;
        for (; end - at >= SLICES; at += SLICES) {
            long a = c ^ (long) LONG.get(bytes, at);
            long b = (long) LONG.get(bytes, at + 8);
            c = t[15 * 256 + (int) (a & 0xff)]
                    ^ t[14 * 256 + (int) (a >>> 8 & 0xff)]
                    ^ t[13 * 256 + (int) (a >>> 16 & 0xff)]
                    ^ t[12 * 256 + (int) (a >>> 24 & 0xff)]
                    ^ t[11 * 256 + (int) (a >>> 32 & 0xff)]
                    ^ t[10 * 256 + (int) (a >>> 40 & 0xff)]
                    ^ t[9 * 256 + (int) (a >>> 48 & 0xff)]
                    ^ t[8 * 256 + (int) (a >>> 56)]
                    ^ t[7 * 256 + (int) (b & 0xff)]
                    ^ t[6 * 256 + (int) (b >>> 8 & 0xff)]
                    ^ t[5 * 256 + (int) (b >>> 16 & 0xff)]
                    ^ t[4 * 256 + (int) (b >>> 24 & 0xff)]
                    ^ t[3 * 256 + (int) (b >>> 32 & 0xff)]
                    ^ t[2 * 256 + (int) (b >>> 40 & 0xff)]
                    ^ t[256 + (int) (b >>> 48 & 0xff)]
                    ^ t[(int) (b >>> 56)];
        }
        if (end - at >= 8) {
            long a = c ^ (long) LONG.get(bytes, at);
            c = t[7 * 256 + (int) (a & 0xff)]
                    ^ t[6 * 256 + (int) (a >>> 8 & 0xff)]
                    ^ t[5 * 256 + (int) (a >>> 16 & 0xff)]
                    ^ t[4 * 256 + (int) (a >>> 24 & 0xff)]
                    ^ t[3 * 256 + (int) (a >>> 32 & 0xff)]
                    ^ t[2 * 256 + (int) (a >>> 40 & 0xff)]
                    ^ t[256 + (int) (a >>> 48 & 0xff)]
                    ^ t[(int) (a >>> 56)];
            at += 8;
        }
        for (; at < end; at++) {
            c = t[(int) (c ^ bytes[at]) & 0xff] ^ c >>> 8;
        }
        return c;
    }

    private static long[] table() {
        long[] table = new long[256 * SLICES];
        for (int b = 0; b < 256; b++) {
            long crc = b;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL;
            }
            table[b] = crc;
        }
        for (int i = 256; i < table.length; i++) {
            long crc = table[i - 256];
            table[i] = table[(int) (crc & 0xff)] ^ crc >>> 8;
        }
        return table;
    }
}
