package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Commands in their wire form, one after another in one array that grows as needed and can be used again. Arguments are
 * copied in; only growing and strings allocate. Not thread-safe.
 */
public final class RespBuffer {

    /** Marker, sign, 19 digits, CRLF, rounded up. */
    private static final int LONGEST_HEADER = 24;

    private byte[] bytes;
    private int size;

    public RespBuffer(int capacity) {
        bytes = new byte[Math.max(capacity, 2 * LONGEST_HEADER)];
    }

    /** A whole command, its name first. */
    public RespBuffer command(byte[]... args) {
        begin(args.length);
        for (byte[] arg : args) {
            arg(arg);
        }
        return this;
    }

    /** A whole command, its name first; as UTF-8. */
    public RespBuffer command(String... args) {
        begin(args.length);
        for (String arg : args) {
            arg(arg);
        }
        return this;
    }

    /** The start of a command; {@code args} calls of {@code bulk} have to follow, the first with its name. */
    public RespBuffer begin(int args) {
        header('*', args);
        return this;
    }

    public RespBuffer arg(byte[] arg) {
        return arg(arg, 0, arg.length);
    }

    public RespBuffer arg(byte[] from, int offset, int length) {
        header('$', length);
        reserve((long) length + 2);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
        endLine();
        return this;
    }

    /** The start of an argument; as many bytes ({@link #encoded}) have to follow, and {@link #endArg}. */
    public RespBuffer beginArg(long length) {
        header('$', length);
        return this;
    }

    /** The end of an argument that was begun. */
    public RespBuffer endArg() {
        reserve(2);
        endLine();
        return this;
    }

    /** As UTF-8. */
    public RespBuffer arg(String arg) {
        return arg(arg.getBytes(StandardCharsets.UTF_8));
    }

    /** In decimal. */
    public RespBuffer arg(long arg) {
        header('$', digits(arg));
        reserve(LONGEST_HEADER);
        decimal(arg);
        endLine();
        return this;
    }

    /** Commands, or parts of one, that are already in their wire form. */
    public RespBuffer encoded(byte[] from, int offset, int length) {
        reserve(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
        return this;
    }

    /** Puts other bytes in the place of some; what comes after them is moved. */
    public RespBuffer replace(int offset, int length, byte[] with) {
        reserve((long) with.length - length);
        System.arraycopy(bytes, offset + length, bytes, offset + with.length, size - offset - length);
        System.arraycopy(with, 0, bytes, offset, with.length);
        size += with.length - length;
        return this;
    }

    /** Number of bytes. */
    public int length() {
        return size;
    }

    /** Empties this without giving memory back. */
    public void clear() {
        size = 0;
    }

    /** The array behind this: its first {@link #length} bytes, until the next call that adds something. */
    public byte[] array() {
        return bytes;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, size);
    }

    private void header(char marker, long number) {
        reserve(LONGEST_HEADER);
        bytes[size++] = (byte) marker;
        decimal(number);
        endLine();
    }

    private void endLine() {
        bytes[size++] = '\r';
        bytes[size++] = '\n';
    }

    private void decimal(long number) {
        int end = size + digits(number);
        int at = end;
        // Counting down from zero, because Long.MIN_VALUE has no positive.
        long rest = number < 0 ? number : -number;
        do {
            bytes[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (number < 0) {
            bytes[--at] = '-';
        }
        size = end;
    }

    private static int digits(long number) {
        int digits = number < 0 ? 2 : 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private void reserve(long more) {
        long needed = size + more;
        if (needed <= bytes.length) {
            return;
        }
        if (needed > RespInput.MAX_LENGTH) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "commands of " + needed + " bytes in one buffer; it can hold " + RespInput.MAX_LENGTH
                            + ": send fewer at a time");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(RespInput.MAX_LENGTH, Math.max(needed, 2L * bytes.length)));
    }
}
