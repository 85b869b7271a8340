package io.rediscdc.format.rdb;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.Lzf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The primitives RDB is made of: lengths, strings, integers (src/rdb.c). */
final class RdbInput {

    private static final int LENGTH_32 = 0x80;
    private static final int LENGTH_64 = 0x81;
    private static final int INT_8 = 0xc0;
    private static final int INT_16 = 0xc1;
    private static final int INT_32 = 0xc2;
    private static final int LZF = 0xc3;

    private final ByteInput in;
    private final long start;
    private final long maxStringBytes;

    /** @param maxStringBytes beyond which a string is not read (it can still be skipped) */
    RdbInput(ByteInput in, long maxStringBytes) {
        this.in = in;
        this.start = in.position();
        this.maxStringBytes = maxStringBytes;
    }

    /** Number of bytes since the RDB's first. */
    long position() {
        return in.position() - start;
    }

    int readUnsignedByte() throws IOException {
        return in.readUnsignedByte();
    }

    /** An unsigned 64-bit number: stream ids and the like use all of it. */
    long readLength() throws IOException {
        return length(in.readUnsignedByte());
    }

    /** A length that counts something to follow. */
    long readCount() throws IOException {
        return count(in.readUnsignedByte());
    }

    private long count(int first) throws IOException {
        long count = length(first);
        if (count < 0) {
            throw corrupt("a count of " + Long.toUnsignedString(count));
        }
        return count;
    }

    private long length(int first) throws IOException {
        if (first < 0x40) {
            return first;
        }
        if (first < 0x80) {
            return (first & 0x3fL) << 8 | in.readUnsignedByte();
        }
        return switch (first) {
            case LENGTH_32 -> readBigEndian(4);
            case LENGTH_64 -> readBigEndian(8);
            default -> throw corrupt("byte 0x" + Integer.toHexString(first) + " where a length must be");
        };
    }

    void skip(long length) throws IOException {
        in.skip(length);
    }

    void skipString() throws IOException {
        int first = in.readUnsignedByte();
        switch (first) {
            case INT_8 -> in.skip(1);
            case INT_16 -> in.skip(2);
            case INT_32 -> in.skip(4);
            case LZF -> {
                long compressed = readCount();
                readCount();
                in.skip(compressed);
            }
            default -> in.skip(count(first));
        }
    }

    void skipStrings(long count) throws IOException {
        for (long i = 0; i < count; i++) {
            skipString();
        }
    }

    /** A string as its user knows it: decompressed, integers as text. */
    byte[] readString() throws IOException {
        int first = in.readUnsignedByte();
        return switch (first) {
            case INT_8 -> text(in.readByte());
            case INT_16 -> text((short) readLittleEndian(2));
            case INT_32 -> text((int) readLittleEndian(4));
            case LZF -> {
                int compressed = stringLength(readCount());
                int length = stringLength(readCount());
                yield Lzf.decompress(in.readBytes(compressed), 0, compressed, length);
            }
            default -> in.readBytes(stringLength(count(first)));
        };
    }

    private int stringLength(long length) {
        if (length > maxStringBytes) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a key or field of " + length + " bytes at byte " + position() + " of the RDB is larger than"
                            + " max.record.bytes = " + maxStringBytes + "; raise it (if the file is not damaged)");
        }
        return (int) length;
    }

    private static byte[] text(int number) {
        return Integer.toString(number).getBytes(StandardCharsets.ISO_8859_1);
    }

    long readLittleEndian(int bytes) throws IOException {
        long value = 0;
        for (int shift = 0; shift < bytes * 8; shift += 8) {
            value |= (long) in.readUnsignedByte() << shift;
        }
        return value;
    }

    private long readBigEndian(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | in.readUnsignedByte();
        }
        return value;
    }

    RedisCdcException corrupt(String what) {
        return new RedisCdcException(
                Category.PROTOCOL,
                "RDB is damaged before byte " + position() + ": " + what + "; take it again from the server");
    }
}
