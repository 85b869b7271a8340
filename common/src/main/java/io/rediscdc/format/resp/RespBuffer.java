package io.rediscdc.format.resp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Commands in the form a server reads them, one after another in an array that grows and is used again. Not
 * thread-safe.
 */
public final class RespBuffer {

    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 64;
    private static final int NUMBER_BYTES = 13;

    private byte[] array;
    private int length;

    public RespBuffer() {
        this(256);
    }

    public RespBuffer(int capacity) {
        array = new byte[capacity];
    }

    /** Appends a whole command. */
    public RespBuffer command(byte[]... args) {
        begin(args.length);
        for (byte[] arg : args) {
            arg(arg);
        }
        return this;
    }

    /** Appends a whole command of texts. */
    public RespBuffer command(String... args) {
        begin(args.length);
        for (String arg : args) {
            arg(arg);
        }
        return this;
    }

    /** Begins a command; so many args must follow, the command's name being the first. */
    public RespBuffer begin(int args) {
        header('*', args);
        return this;
    }

    public RespBuffer arg(byte[] arg) {
        header('$', arg.length);
        ensure(arg.length + 2);
        System.arraycopy(arg, 0, array, length, arg.length);
        length += arg.length;
        crlf();
        return this;
    }

    public RespBuffer arg(String arg) {
        return arg(arg.getBytes(StandardCharsets.UTF_8));
    }

    public RespBuffer arg(long number) {
        int digits = digits(number);
        header('$', digits);
        ensure(digits + 2);
        digits(number, digits);
        crlf();
        return this;
    }

    /** The array itself; what it holds ends at {@link #length()}. Appending may replace it. */
    public byte[] array() {
        return array;
    }

    public int length() {
        return length;
    }

    /** Forgets what was appended after that length. */
    public void truncate(int to) {
        length = to;
    }

    public void clear() {
        length = 0;
    }

    private void header(char kind, int number) {
        ensure(NUMBER_BYTES);
        array[length++] = (byte) kind;
        digits(number, digits(number));
        crlf();
    }

    private void crlf() {
        array[length++] = '\r';
        array[length++] = '\n';
    }

    private void digits(long number, int digits) {
        int at = length + digits;
        length = at;
        // Downwards from zero, where there is room for Long.MIN_VALUE too.
        long rest = number < 0 ? number : -number;
        do {
            array[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (number < 0) {
            array[--at] = '-';
        }
    }

    private static int digits(long number) {
        int digits = number < 0 ? 2 : 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private void ensure(int more) {
        if (more > array.length - length) {
            long needed = (long) length + more;
            if (needed > LARGEST_ARRAY) {
                throw new OutOfMemoryError("commands of more than " + LARGEST_ARRAY + " bytes at once");
            }
            array = Arrays.copyOf(array, (int) Math.min(LARGEST_ARRAY, Math.max(needed, 2L * array.length)));
        }
    }
}
