package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import java.io.IOException;

/** The primitives RESP is made of: numbers in digits, bulk strings, line ends. */
final class RespInput {

    private static final long LARGEST_BULK = Integer.MAX_VALUE - 64;
    private static final long LARGEST_NUMBER = Long.MAX_VALUE / 10 - 9;

    private final ByteInput in;

    RespInput(ByteInput in) {
        this.in = in;
    }

    int read() throws IOException {
        return in.readUnsignedByte();
    }

    /** A number and its line end. */
    long number() throws IOException {
        int c = in.readByte();
        boolean negative = c == '-';
        if (negative) {
            c = in.readByte();
        }
        if (c < '0' || c > '9') {
            throw unexpected("a number", c);
        }
        long number = 0;
        while (c >= '0' && c <= '9') {
            if (number > LARGEST_NUMBER) {
                throw new RedisCdcException(Category.PROTOCOL, "a number without end before byte " + in.position());
            }
            number = number * 10 + (c - '0');
            c = in.readByte();
        }
        if (c != '\r') {
            throw unexpected("the end of a line", c);
        }
        expect('\n');
        return negative ? -number : number;
    }

    /** The bytes of a bulk string whose length has been read. */
    byte[] bulk(long length) throws IOException {
        if (length < 0) {
            throw new RedisCdcException(
                    Category.PROTOCOL, "a string of " + length + " bytes is announced before byte " + in.position());
        }
        if (length > LARGEST_BULK) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a string of " + length + " bytes is announced before byte " + in.position() + "; up to "
                            + LARGEST_BULK + " can be read");
        }
        byte[] bytes = in.readBytes((int) length);
        expect('\r');
        expect('\n');
        return bytes;
    }

    void expect(char wanted) throws IOException {
        int found = in.readByte();
        if (found != wanted) {
            throw unexpected("byte 0x" + Integer.toHexString(wanted), found);
        }
    }

    RedisCdcException unexpected(String wanted, int found) {
        return new RedisCdcException(
                Category.PROTOCOL,
                "byte " + (in.position() - 1) + " is 0x" + Integer.toHexString(found & 0xff) + " where " + wanted
                        + " belongs");
    }
}
