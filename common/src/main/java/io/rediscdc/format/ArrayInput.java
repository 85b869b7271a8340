package io.rediscdc.format;

import java.io.EOFException;

/** Reads a byte array. */
public final class ArrayInput extends ByteInput {

    public ArrayInput(byte[] bytes) {
        super(bytes, 0, bytes.length);
    }

    @Override
    protected void refill() throws EOFException {
        throw new EOFException("ends after " + position() + " bytes");
    }
}
