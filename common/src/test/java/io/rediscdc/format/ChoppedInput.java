package io.rediscdc.format;

import java.io.EOFException;
import java.util.Arrays;
import java.util.function.IntSupplier;

/** An array that arrives in pieces, each in a window of its own at an odd place; the window before is overwritten. */
public final class ChoppedInput extends ByteInput {

    private final byte[] bytes;
    private final IntSupplier sizes;
    private int at;

    public ChoppedInput(byte[] bytes, IntSupplier sizes) {
        super(new byte[0], 0, 0);
        this.bytes = bytes;
        this.sizes = sizes;
    }

    @Override
    protected void refill() throws EOFException {
        if (at == bytes.length) {
            throw new EOFException("ends after " + at + " bytes");
        }
        Arrays.fill(window, (byte) 0x55);
        int size = Math.min(sizes.getAsInt(), bytes.length - at);
        window = new byte[size + 5];
        System.arraycopy(bytes, at, window, 3, size);
        at += size;
        next = 3;
        limit = 3 + size;
    }
}
