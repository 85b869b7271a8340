package io.rediscdc.source.scan;

import io.rediscdc.format.ByteInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.SocketTimeoutException;

/**
 * Reads a socket. Beside {@code SocketInput}, it can wait for a message without beginning to read one, and has a larger window, as
 * values come through it.
 */
final class LinkInput extends ByteInput {

    private static final int WINDOW_BYTES = 64 * 1024;

    private final PushbackInputStream in;

    LinkInput(InputStream in) {
        super(new byte[WINDOW_BYTES], 0, 0);
        this.in = new PushbackInputStream(in);
    }

    /** Waits for a byte, as long as the socket's timeout says. */
    boolean await() throws IOException {
        try {
            int first = in.read();
            if (first < 0) {
                throw new EOFException("the server closed the connection");
            }
            in.unread(first);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Override
    protected void refill() throws IOException {
        int n = in.read(window, 0, window.length);
        if (n < 0) {
            throw new EOFException("the server closed the connection");
        }
        next = 0;
        limit = n;
    }
}
