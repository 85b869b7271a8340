package io.rediscdc.format.rdb;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.Lzf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The primitives RDB is made of: lengths, strings, integers (src/rdb.c). Everything fails with a {@link RedisCdcException}
 * that names the position: PROTOCOL for what no server writes, UNSUPPORTED for what is beyond the bound.
 */
public final class RdbInput {

    /** Takes a string piece by piece. */
    @FunctionalInterface
    public interface Pieces {

        /**
         * Takes a piece.
         *
         * @param piece the receiver's from now on; empty only if the string is
         * @param last true for the last one
         */
        void piece(byte[] piece, boolean last);
    }

    private static final int LENGTH_32 = 0x80;
    private static final int LENGTH_64 = 0x81;
    private static final int INT_8 = 0xc0;
    private static final int INT_16 = 0xc1;
    private static final int INT_32 = 0xc2;
    private static final int LZF = 0xc3;

    private final ByteInput in;
    private final long start;
    private final long maxStringBytes;
    private final String boundName;

    /** @param maxStringBytes beyond which a string is not read (it can still be skipped) */
    RdbInput(ByteInput in, long maxStringBytes) {
        this(in, maxStringBytes, "max.record.bytes");
    }

    /**
     * Reads from where the input stands; positions count from there.
     *
     * @param maxStringBytes beyond which a string is not read whole (it can be skipped, or read in pieces)
     * @param boundName what a user would have to raise
     */
    public RdbInput(ByteInput in, long maxStringBytes, String boundName) {
        this.in = in;
        this.start = in.position();
        this.maxStringBytes = Math.min(maxStringBytes, Integer.MAX_VALUE - 64);
        this.boundName = boundName;
    }

    /** Number of bytes since the RDB's first. */
    public long position() {
        return in.position() - start;
    }

    public int readUnsignedByte() throws IOException {
        return in.readUnsignedByte();
    }

    /** An unsigned 64-bit number: stream ids and the like use all of it. */
    public long readLength() throws IOException {
        return length(in.readUnsignedByte());
    }

    /** A length that counts something to follow. */
    public long readCount() throws IOException {
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

    public void skip(long length) throws IOException {
        in.skip(length);
    }

    public void skipString() throws IOException {
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
    public byte[] readString() throws IOException {
        int first = in.readUnsignedByte();
        return switch (first) {
            case INT_8 -> text(in.readByte());
            case INT_16 -> text((short) readLittleEndian(2));
            case INT_32 -> text((int) readLittleEndian(4));
            case LZF -> {
                int compressed = stringLength(readCount());
                int length = stringLength(readCount());
                yield decompress(compressed, length);
            }
            default -> in.readBytes(stringLength(count(first)));
        };
    }

    /**
     * A string of any length, of which no more than about two pieces are in memory; the bound does not concern it.
     *
     * @param pieceBytes the length of all pieces but the last
     */
    public void readPieces(int pieceBytes, Pieces to) throws IOException {
        int first = in.readUnsignedByte();
        switch (first) {
            case INT_8 -> to.piece(text(in.readByte()), true);
            case INT_16 -> to.piece(text((short) readLittleEndian(2)), true);
            case INT_32 -> to.piece(text((int) readLittleEndian(4)), true);
            case LZF -> {
                long compressed = readCount();
                long length = readCount();
                if (compressed <= pieceBytes && length <= pieceBytes) {
                    to.piece(decompress((int) compressed, (int) length), true);
                } else {
                    new LzfPieces(in, this, pieceBytes, to).decompress(compressed, length);
                }
            }
            default -> {
                long left = count(first);
                do {
                    byte[] piece = in.readBytes((int) Math.min(left, pieceBytes));
                    left -= piece.length;
                    to.piece(piece, left == 0);
                } while (left > 0);
            }
        }
    }

    private byte[] decompress(int compressed, int length) throws IOException {
        byte[] bytes = in.readBytes(compressed);
        try {
            return Lzf.decompress(bytes, 0, compressed, length);
        } catch (RedisCdcException e) {
            throw new RedisCdcException(
                    e.category(), "RDB is damaged before byte " + position() + ": " + e.getMessage(), e);
        }
    }

    private int stringLength(long length) {
        if (length > maxStringBytes) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a key, an element or a packed node of " + length + " bytes at byte " + position()
                            + " of the RDB is larger than " + boundName + " = " + maxStringBytes
                            + "; raise it (if the data is not damaged)");
        }
        return (int) length;
    }

    private static byte[] text(int number) {
        return Integer.toString(number).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A little-endian number of that many bytes, up to 8, as unsigned. */
    public long readLittleEndian(int bytes) throws IOException {
        long value = 0;
        for (int shift = 0; shift < bytes * 8; shift += 8) {
            value |= (long) in.readUnsignedByte() << shift;
        }
        return value;
    }

    /** A big-endian number of that many bytes, up to 8, as unsigned. */
    public long readBigEndian(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | in.readUnsignedByte();
        }
        return value;
    }

    /** What to throw for bytes that no server writes. */
    public RedisCdcException corrupt(String what) {
        return new RedisCdcException(
                Category.PROTOCOL,
                "RDB is damaged before byte " + position() + ": " + what + "; take it again from the server");
    }
}
