package io.rediscdc.format;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;

/** Decompresses LZF (src/lzf_d.c), which RDB uses for strings of more than 20 bytes. */
public final class Lzf {

    /** The shortest reference is two bytes for up to eight; a long one is three bytes for up to 264. */
    private static final long LARGEST_RATIO = 88;

    private Lzf() {}

    /**
     * Decompresses.
     *
     * @param length of the decompressed bytes, as the compressor stated it
     * @throws RedisCdcException of category PROTOCOL if the bytes do not decompress to exactly that length
     */
    public static byte[] decompress(byte[] in, int offset, int inLength, int length) {
        if (length < 0 || length > inLength * LARGEST_RATIO) {
            throw corrupt(inLength, length, "cannot hold that many");
        }
        byte[] out = new byte[length];
        int from = offset;
        int inEnd = offset + inLength;
        int to = 0;
        while (from < inEnd) {
            int control = in[from++] & 0xff;
            if (control < 32) {
                int n = control + 1;
                if (n > inEnd - from || n > length - to) {
                    throw corrupt(inLength, length, "a run of literals crosses the end");
                }
                System.arraycopy(in, from, out, to, n);
                from += n;
                to += n;
            } else {
                int n = (control >> 5) + 2;
                if (inEnd - from < (n == 9 ? 2 : 1)) {
                    throw corrupt(inLength, length, "a reference is cut off");
                }
                if (n == 9) {
                    n += in[from++] & 0xff;
                }
                int back = to - ((control & 31) << 8 | (in[from++] & 0xff)) - 1;
                if (back < 0 || n > length - to) {
                    throw corrupt(inLength, length, "a reference crosses an end");
                }
                copy(out, back, to, n);
                to += n;
            }
        }
        if (to != length) {
            throw corrupt(inLength, length, "they hold " + to);
        }
        return out;
    }

    /** Within one array, the source running into what has just been written: a reference may repeat itself. */
    private static void copy(byte[] bytes, int from, int to, int length) {
        if (to - from >= length) {
            System.arraycopy(bytes, from, bytes, to, length);
        } else {
            for (int i = 0; i < length; i++) {
                bytes[to + i] = bytes[from + i];
            }
        }
    }

    private static RedisCdcException corrupt(int inLength, int length, String why) {
        return new RedisCdcException(
                Category.PROTOCOL,
                inLength + " LZF bytes do not decompress to the stated " + length + ": " + why
                        + "; the data is damaged, take it again from the server");
    }
}
