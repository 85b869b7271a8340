package io.rediscdc.format.rdb.value;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;

/** Compresses into LZF: runs of up to 32 literals, references of 3 to 264 bytes that reach back up to 8 KiB. */
final class LzfEncoder {

    private static final int MOST_LITERALS = 32;
    private static final int SHORTEST = 3;
    private static final int LONGEST = 264;
    private static final int FARTHEST = 8192;

    private LzfEncoder() {}

    static byte[] compress(byte[] in) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<Integer, Integer> seen = new HashMap<>();
        int literals = 0;
        int at = 0;
        while (at < in.length) {
            int length = 0;
            int back = 0;
            if (at + SHORTEST <= in.length) {
                int three = (in[at] & 0xff) << 16 | (in[at + 1] & 0xff) << 8 | (in[at + 2] & 0xff);
                Integer earlier = seen.put(three, at);
                if (earlier != null && at - earlier <= FARTHEST) {
                    back = at - earlier;
                    length = common(in, earlier, at);
                }
            }
            if (length >= SHORTEST) {
                flush(in, at - literals, literals, out);
                literals = 0;
                reference(length, back - 1, out);
                at += length;
            } else {
                at++;
                if (++literals == MOST_LITERALS) {
                    flush(in, at - literals, literals, out);
                    literals = 0;
                }
            }
        }
        flush(in, at - literals, literals, out);
        return out.toByteArray();
    }

    private static int common(byte[] in, int earlier, int at) {
        int length = 0;
        while (length < LONGEST && at + length < in.length && in[earlier + length] == in[at + length]) {
            length++;
        }
        return length;
    }

    private static void reference(int length, int back, ByteArrayOutputStream out) {
        int more = length - 2;
        if (more < 7) {
            out.write(more << 5 | back >> 8);
        } else {
            out.write(7 << 5 | back >> 8);
            out.write(more - 7);
        }
        out.write(back & 0xff);
    }

    private static void flush(byte[] in, int from, int length, ByteArrayOutputStream out) {
        if (length > 0) {
            out.write(length - 1);
            out.write(in, from, length);
        }
    }
}
