package io.rediscdc.connection;

import io.rediscdc.format.ByteInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a connection. */
public final class SocketInput extends ByteInput {

    private final InputStream in;

    public SocketInput(InputStream in) {
        super(new byte[4096], 0, 0);
        this.in = in;
    }

    @Override
    protected void refill() throws IOException {
        int n = in.read(window, 0, window.length);
        if (n < 0) {
            throw new EOFException("it closed the connection");
        }
        next = 0;
        limit = n;
    }
}
