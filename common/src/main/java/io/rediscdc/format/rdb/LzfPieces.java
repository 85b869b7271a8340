package io.rediscdc.format.rdb;

import io.rediscdc.format.ByteInput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Decompresses LZF (src/lzf_d.c) as it arrives: a reference reaches back 8 KiB, so that much of what has been given out
 * stays, and no more. For strings that are too large for {@link io.rediscdc.format.Lzf}.
 */
final class LzfPieces {

    /** How far back a reference reaches. */
    private static final int HISTORY = 8192;

    /** The longest run that a control byte stands for. */
    private static final int LONGEST_RUN = 264;

    /** The shortest reference is two bytes for up to eight; a long one is three bytes for up to 264. */
    private static final long LARGEST_RATIO = 88;

    private final ByteInput in;
    private final RdbInput errors;
    private final int pieceBytes;
    private final RdbInput.Pieces to;

    /** What has been given out, then what has not: up to {@link #filled}, from {@link #given} on. */
    private final byte[] buffer;

    private int filled;
    private int given;

    LzfPieces(ByteInput in, RdbInput errors, int pieceBytes, RdbInput.Pieces to) {
        this.in = in;
        this.errors = errors;
        this.pieceBytes = pieceBytes;
        this.to = to;
        this.buffer = new byte[HISTORY + pieceBytes + LONGEST_RUN];
    }

    void decompress(long compressed, long length) throws IOException {
        if (length == 0 || length / LARGEST_RATIO > compressed) {
            throw errors.corrupt(compressed + " LZF bytes that cannot hold the stated " + length);
        }
        long left = compressed;
        long missing = length;
        while (left > 0) {
            int control = in.readUnsignedByte();
            left--;
            int run;
            if (control < 32) {
                run = control + 1;
                left -= run;
                check(left, missing - run);
                in.readFully(buffer, filled, run);
            } else {
                run = (control >> 5) + 2;
                if (run == 9) {
                    run += in.readUnsignedByte();
                    left--;
                }
                int back = ((control & 31) << 8 | in.readUnsignedByte()) + 1;
                left--;
                check(left, missing - run);
                repeat(back, run);
            }
            missing -= run;
            filled += run;
            while (filled - given >= pieceBytes && (missing > 0 || filled - given > pieceBytes)) {
                give(pieceBytes, false);
            }
        }
        if (missing > 0) {
            throw errors.corrupt("LZF bytes that hold " + missing + " fewer than stated");
        }
        give(filled - given, true);
    }

    private void check(long left, long missing) {
        if (left < 0 || missing < 0) {
            throw errors.corrupt("LZF bytes of which a run crosses an end");
        }
    }

    /** The source may run into what is just being written. */
    private void repeat(int back, int run) {
        int from = filled - back;
        if (from < 0) {
            throw errors.corrupt("LZF bytes with a reference to before their begin");
        }
        for (int i = 0; i < run; i++) {
            buffer[filled + i] = buffer[from + i];
        }
    }

    private void give(int length, boolean last) {
        byte[] piece = Arrays.copyOfRange(buffer, given, given + length);
        given += length;
        int obsolete = given - HISTORY;
        if (obsolete > 0) {
            System.arraycopy(buffer, obsolete, buffer, 0, filled - obsolete);
            filled -= obsolete;
            given -= obsolete;
        }
        to.piece(piece, last);
    }
}
