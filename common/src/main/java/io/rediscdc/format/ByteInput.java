package io.rediscdc.format;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * Bytes read one after another through a window that a subclass moves over its data. Reading a byte costs a compare
 * and an array access; nothing is copied that is not asked for. Not thread-safe.
 *
 * <p>Two things can be had of the bytes that go by, both at the cost of a few instructions a window, not a byte: their
 * CRC64 ({@link #startCrc}), and a copy of a stretch of them whose end is found by reading it ({@link #startCapture}).
 */
public abstract class ByteInput {

    /** What is allocated at once for a length that nothing has proven yet. */
    private static final int TRUSTED_LENGTH = 64 * 1024;

    /** A capture buffer up to this size is kept for the next capture. */
    private static final int KEPT_BUFFER = 1024 * 1024;

    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 64;

    /** The window's bytes: those in [{@link #next}, {@link #limit}) are still to be read. */
    protected byte[] window;

    protected int next;
    protected int limit;

    /** Stream position of {@code window[0]}. */
    private long windowStart;

    private boolean crcRunning;
    private long crc;
    /** Where in the window the bytes begin that are not in {@link #crc} yet. */
    private int crcFrom;

    private boolean capturing;
    private long captureLimit;
    /** Where in the window the bytes begin that are not in {@link #captured} yet. */
    private int captureFrom;

    private byte[] captured = new byte[0];
    private int capturedLength;

    private long markPosition;
    private long markCrc;
    private boolean markCrcRunning;

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

    /** Reads that many bytes into a new array, which grows as they arrive: a length that lies costs no memory. */
    public final byte[] readBytes(int length) throws IOException {
        byte[] bytes = new byte[length <= buffered() ? length : Math.min(length, TRUSTED_LENGTH)];
        readFully(bytes, 0, bytes.length);
        while (bytes.length < length) {
            int done = bytes.length;
            bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * done));
            readFully(bytes, done, bytes.length - done);
        }
        return bytes;
    }

    public final void skip(long length) throws IOException {
        if (length <= limit - next) {
            next += (int) length;
            return;
        }
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

    /** Begins a CRC64 of everything read from here on. */
    public final void startCrc() {
        crcRunning = true;
        crc = 0;
        crcFrom = next;
    }

    /** The CRC64 of everything read since {@link #startCrc}. */
    public final long crc() {
        foldCrc();
        return crc;
    }

    /** Ends the CRC64: what is read from here on does not pay for it. */
    public final void stopCrc() {
        crcRunning = false;
    }

    /**
     * Begins to keep what is read, for {@link #endCapture}. A capture begun before and not ended is forgotten.
     *
     * @param most number of bytes beyond which the capture fails
     */
    public final void startCapture(long most) {
        capturing = true;
        captureLimit = Math.min(most, LARGEST_ARRAY);
        captureFrom = next;
        capturedLength = 0;
    }

    /**
     * Ends the capture.
     *
     * @param head number of zero bytes before the captured ones, for the caller to fill
     * @param tail number of zero bytes after them
     * @return head, everything read since {@link #startCapture}, tail
     * @throws CaptureLimitException if that is more than the limit given there
     */
    public final byte[] endCapture(int head, int tail) throws CaptureLimitException {
        int inWindow = next - captureFrom;
        long length = (long) capturedLength + inWindow;
        checkCapture(length);
        if (head + length + tail > LARGEST_ARRAY) {
            throw new CaptureLimitException(length, LARGEST_ARRAY);
        }
        byte[] bytes = new byte[head + (int) length + tail];
        System.arraycopy(captured, 0, bytes, head, capturedLength);
        System.arraycopy(window, captureFrom, bytes, head + capturedLength, inWindow);
        capturing = false;
        if (captured.length > KEPT_BUFFER) {
            captured = new byte[0];
        }
        return bytes;
    }

    /** Remembers the position and the state of the CRC, for {@link #restoreMark}. */
    protected final void saveMark() {
        foldCrc();
        markPosition = position();
        markCrc = crc;
        markCrcRunning = crcRunning;
    }

    /**
     * Goes back to the remembered state. A capture begun since is forgotten.
     *
     * @param at where in the window, which the subclass has pointed there, the next byte is that came after the mark
     */
    protected final void restoreMark(int at) {
        next = at;
        windowStart = markPosition - at;
        crc = markCrc;
        crcRunning = markCrcRunning;
        crcFrom = at;
        capturing = false;
    }

    private void advance() throws IOException {
        long position = position();
        foldCrc();
        if (capturing) {
            foldCapture();
        }
        refill();
        if (next >= limit) {
            throw new EOFException("refill brought nothing");
        }
        windowStart = position - next;
        crcFrom = next;
        captureFrom = next;
    }

    private void foldCrc() {
        if (crcRunning) {
            crc = Crc64.update(crc, window, crcFrom, next - crcFrom);
            crcFrom = next;
        }
    }

    private void foldCapture() throws CaptureLimitException {
        int inWindow = next - captureFrom;
        long length = (long) capturedLength + inWindow;
        checkCapture(length);
        if (length > captured.length) {
            captured = Arrays.copyOf(captured, (int) Math.max(length, Math.min(2L * captured.length, captureLimit)));
        }
        System.arraycopy(window, captureFrom, captured, capturedLength, inWindow);
        capturedLength = (int) length;
        captureFrom = next;
    }

    private void checkCapture(long length) throws CaptureLimitException {
        if (length > captureLimit) {
            throw new CaptureLimitException(length, captureLimit);
        }
    }
}
