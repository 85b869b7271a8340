package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import java.io.IOException;
import java.util.Arrays;

/**
 * What commands and replies have in common: lengths, and bodies that are as long as announced. A length is believed
 * only as far as bytes arrive. Failures quote the length line up to the first wrong byte, never a body.
 */
final class RespInput {

    /** The longest array every JVM can make. */
    static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private static final int BELIEVED_LENGTH = 1 << 20;
    private static final byte[] EMPTY = {};

    /** Beyond this another digit could overflow; Redis has no length of 18 digits. */
    private static final long LAST_EXTENSIBLE = 10_000_000_000_000_000L;

    private final ByteInput in;
    private final long start;

    RespInput(ByteInput in) {
        this.in = in;
        this.start = in.position();
    }

    long position() {
        return in.position() - start;
    }

    byte readByte() throws IOException {
        return in.readByte();
    }

    void readFully(byte[] into, int offset, int length) throws IOException {
        in.readFully(into, offset, length);
    }

    /** The first byte of what follows: end-of-line bytes before it are keepalives. */
    byte readMarker() throws IOException {
        byte b = in.readByte();
        while (b == '\n' || b == '\r') {
            if (b == '\r') {
                readLineFeed();
            }
            b = in.readByte();
        }
        return b;
    }

    /** A decimal and its CRLF. As strict as Redis: no leading zero, no plus sign, no blank. */
    long readLength(char marker) throws IOException {
        byte b = in.readByte();
        boolean negative = b == '-';
        if (negative) {
            b = in.readByte();
        }
        if (b < (negative ? '1' : '0') || b > '9') {
            throw noLength(marker + (negative ? "-" : ""), b);
        }
        long value = (long) b - '0';
        boolean complete = value == 0;
        b = in.readByte();
        while (b != '\r') {
            if (b < '0' || b > '9' || complete) {
                throw noLength(marker + (negative ? "-" : "") + value, b);
            }
            value = value * 10 + (b - '0');
            complete = value >= LAST_EXTENSIBLE;
            b = in.readByte();
        }
        readLineFeed();
        return negative ? -value : value;
    }

    /** {@code length} bytes and their CRLF. */
    byte[] readBody(int length) throws IOException {
        byte[] body = length == 0 ? EMPTY : readBytes(length);
        readBodyEnd(length);
        return body;
    }

    void readBodyEnd(long length) throws IOException {
        if (in.readByte() != '\r' || in.readByte() != '\n') {
            throw malformed("no CRLF after the " + length + " bytes that were announced");
        }
    }

    private byte[] readBytes(int length) throws IOException {
        byte[] bytes = new byte[Math.min(length, BELIEVED_LENGTH)];
        in.readFully(bytes, 0, bytes.length);
        while (bytes.length < length) {
            int done = bytes.length;
            bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * done));
            in.readFully(bytes, done, bytes.length - done);
        }
        return bytes;
    }

    void readLineFeed() throws IOException {
        byte b = in.readByte();
        if (b != '\n') {
            throw malformed("found " + printable(b) + " instead of a line feed after a carriage return");
        }
    }

    private RedisCdcException noLength(String before, byte b) {
        return malformed("found '" + before + "' and then " + printable(b) + " where a length has to be");
    }

    RedisCdcException malformed(String what) {
        return new RedisCdcException(Category.PROTOCOL, describe(what));
    }

    RedisCdcException unsupported(String what) {
        return new RedisCdcException(Category.UNSUPPORTED, describe(what));
    }

    private String describe(String what) {
        return "RESP, before byte " + position() + ": " + what;
    }

    static String printable(byte b) {
        if (b == '\r') {
            return "'\\r'";
        }
        if (b == '\n') {
            return "'\\n'";
        }
        return b >= ' ' && b <= '~' ? "'" + (char) b + "'" : String.format("byte 0x%02x", b);
    }
}
