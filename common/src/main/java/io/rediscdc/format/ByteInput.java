package io.rediscdc.format;

import java.io.EOFException;
import java.io.IOException;

/**
 * Bytes read one after another through a window that a subclass moves over its data. Reading a byte costs a compare
 * and an array access; nothing is copied that is not asked for. Not thread-safe.
 */
public abstract class ByteInput {

    /** The window's bytes: those in [{@link #next}, {@link #limit}) are still to be read. */
    protected byte[] window;

    protected int next;
    protected int limit;

    /** Stream position of {@code window[0]}. */
    private long windowStart;

    protected ByteInput(byte[] window, int next, int limit) {
        this.window = window;
        this.next = next;
        this.limit = limit;
        this.windowStart = -next;
    }

    /**
     * Points {@link #window}, {@link #next} and {@link #limit} at what follows: at least one byte. Called only when all
     * of the window has been read; blocks until there is something.
     *
     * @throws EOFException if there never will be
     */
    protected abstract void refill() throws IOException;

    public final byte readByte() throws IOException {
        if (next == limit) {
            advance();
        }
        return window[next++];
    }

    public final int readUnsignedByte() throws IOException {
        return readByte() & 0xff;
    }

    public final void readFully(byte[] into, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (next == limit) {
                advance();
            }
            int n = Math.min(length - done, limit - next);
            System.arraycopy(window, next, into, offset + done, n);
            next += n;
            done += n;
        }
    }

    public final void skip(long length) throws IOException {
        long left = length;
        while (left > 0) {
            if (next == limit) {
                advance();
            }
            int n = (int) Math.min(left, limit - next);
            next += n;
            left -= n;
        }
    }

    /** Number of bytes read so far. */
    public final long position() {
        return windowStart + next;
    }

    /** Number of bytes that can be read without asking the subclass. */
    public final int buffered() {
        return limit - next;
    }

    private void advance() throws IOException {
        long position = position();
        refill();
        if (next >= limit) {
            throw new EOFException("refill brought nothing");
        }
        windowStart = position - next;
    }
}
