package io.rediscdc.format.resp;

import io.rediscdc.format.ByteInput;
import java.io.EOFException;

/** Brings bytes in pieces of given lengths, over and over, each in a window of its own. */
final class PiecewiseInput extends ByteInput {

    private final byte[] bytes;
    private final int[] pieces;
    private int brought;
    private int refills;

    PiecewiseInput(byte[] bytes, int... pieces) {
        super(new byte[0], 0, 0);
        this.bytes = bytes;
        this.pieces = pieces;
    }

    @Override
    protected void refill() throws EOFException {
        if (brought == bytes.length) {
            throw new EOFException("no more pieces");
        }
        int length = Math.min(pieces[refills++ % pieces.length], bytes.length - brought);
        // Windows that begin anywhere, so that nobody counts on zero.
        int margin = refills % 3;
        window = new byte[length + margin];
        System.arraycopy(bytes, brought, window, margin, length);
        next = margin;
        limit = margin + length;
        brought += length;
    }
}
