package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.rdb.RdbInput;
import java.util.Arrays;

/**
 * Walks a node that a server packed into one string. {@link #next} goes to an element; the other methods say what it is.
 * Every access is checked: the bytes come from anywhere.
 */
abstract class PackedElements {

    protected final byte[] bytes;

    /** Where the next element begins. */
    protected int at;

    /** Where the end mark has to be; nothing before may reach into it. */
    protected final int end;

    /** The element: a number, or bytes. */
    protected boolean isNumber;

    protected long number;
    protected int from;
    protected int length;

    private final RdbInput errors;
    private final String name;

    protected PackedElements(String name, byte[] bytes, int headerLength, RdbInput errors) {
        this.name = name;
        this.bytes = bytes;
        this.errors = errors;
        this.at = headerLength;
        this.end = bytes.length - 1;
        if (bytes.length <= headerLength || (bytes[end] & 0xff) != 0xff) {
            throw corrupt("has no end mark");
        }
    }

    /** Goes to the next element; false at the end. */
    abstract boolean next();

    /** Goes to the next element, which has to be there. */
    final void require() {
        if (!next()) {
            throw corrupt("ends within an entry");
        }
    }

    /** The element as its user knows it. */
    final byte[] element() {
        return isNumber ? Long.toString(number).getBytes(ISO_8859_1) : Arrays.copyOfRange(bytes, from, from + length);
    }

    final byte[] requireElement() {
        require();
        return element();
    }

    final long requireNumber() {
        require();
        return currentNumber();
    }

    final long currentNumber() {
        if (isNumber) {
            return number;
        }
        try {
            return Long.parseLong(new String(bytes, from, length, ISO_8859_1));
        } catch (NumberFormatException e) {
            throw corrupt("has " + length + " bytes where a number must be");
        }
    }

    final double requireScore() {
        require();
        return isNumber ? number : Scores.parse(bytes, from, length, errors);
    }

    final int remaining() {
        return end - at;
    }

    final RedisCdcException corrupt(String what) {
        return errors.corrupt("a " + name + " of " + bytes.length + " bytes " + what);
    }

    protected final void text(int begin, long textLength) {
        if (textLength < 0 || textLength > end - begin) {
            throw corrupt("has an element that crosses its end");
        }
        isNumber = false;
        from = begin;
        length = (int) textLength;
        at = begin + length;
    }

    /** A little-endian signed number. */
    protected final void readNumber(int begin, int width) {
        need(begin, width);
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | (bytes[begin + i] & 0xff);
        }
        int unused = 64 - 8 * width;
        number(value << unused >> unused, begin + width);
    }

    protected final void number(long value, int behind) {
        isNumber = true;
        number = value;
        at = behind;
    }

    protected final void need(int begin, int count) {
        if (count > end - begin) {
            throw corrupt("has an element that crosses its end");
        }
    }

    protected final int unsigned(int index) {
        return bytes[index] & 0xff;
    }

    protected final long littleEndian32(int begin) {
        return unsigned(begin)
                | unsigned(begin + 1) << 8
                | unsigned(begin + 2) << 16
                | (long) unsigned(begin + 3) << 24;
    }
}
