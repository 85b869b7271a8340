package io.rediscdc.converter;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.connect.errors.DataException;

/**
 * Reads Avro's binary encoding (Avro specification, "Binary Encoding") and believes none of it: whatever the bytes are,
 * what comes out is a value or a {@link DataException} that says at which byte of the record they went wrong, and no
 * more is allocated than the record's size bears out.
 */
final class AvroInput {

    private static final byte[] EMPTY = {};

    private final byte[] data;
    private int position;

    AvroInput(byte[] data, int position) {
        this.data = data;
        this.position = position;
    }

    int position() {
        return position;
    }

    /** Goes back to where it was. */
    void position(int earlier) {
        position = earlier;
    }

    /** Skips some bytes, if they are those. */
    boolean skip(byte[] bytes) {
        int end = position + bytes.length;
        if (end > data.length || !Arrays.equals(data, position, end, bytes, 0, bytes.length)) {
            return false;
        }
        position = end;
        return true;
    }

    /** What was read since then. */
    byte[] since(int start) {
        return Arrays.copyOfRange(data, start, position);
    }

    byte readByte() {
        if (position >= data.length) {
            throw malformed("ends within a value");
        }
        return data[position++];
    }

    long readLong() {
        long raw = readByte();
        if (raw < 0) {
            raw = readRest(raw & 0x7f);
        }
        return (raw >>> 1) ^ -(raw & 1);
    }

    /** The bytes after the first, low bits first, 7 in each; the tenth has room for one. */
    private long readRest(long first) {
        long raw = first;
        for (int shift = 7; shift < 63; shift += 7) {
            long next = readByte();
            raw |= (next & 0x7f) << shift;
            if (next >= 0) {
                return raw;
            }
        }
        long last = readByte();
        if (last != 0 && last != 1) {
            throw malformed("has a number of more than 64 bits");
        }
        return raw | last << 63;
    }

    int readInt() {
        long value = readLong();
        if (value != (int) value) {
            throw malformed("has a number of more than 32 bits");
        }
        return (int) value;
    }

    boolean readBoolean() {
        byte value = readByte();
        if (value != 0 && value != 1) {
            throw malformed("has a boolean that is neither true nor false");
        }
        return value == 1;
    }

    /** The branch of a union of null and a type: true if it is not null. */
    boolean readIsSet() {
        long branch = readLong();
        if (branch != 0 && branch != 1) {
            throw malformed("has a value that is neither set nor null");
        }
        return branch == 1;
    }

    /** Whether so many optional fields are null, one after the other; if not, some of them were read. */
    boolean readNulls(int fields) {
        if (fields > data.length - position) {
            return false;
        }
        for (int end = position + fields; position < end; position++) {
            if (data[position] != 0) {
                return false;
            }
        }
        return true;
    }

    double readDouble() {
        requireRemaining(Double.BYTES);
        long bits = 0;
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            bits |= (data[position++] & 0xffL) << shift;
        }
        return Double.longBitsToDouble(bits);
    }

    byte[] readBytes() {
        int length = readLength();
        if (length == 0) {
            return EMPTY;
        }
        byte[] bytes = Arrays.copyOfRange(data, position, position + length);
        position += length;
        return bytes;
    }

    /** A string; if it is one that the names have seen, the same instance. */
    String readString(Names names) {
        int length = readLength();
        String known = names.find(data, position, length);
        if (known == null) {
            known = decode(length);
            names.add(known, data, position, length);
        }
        position += length;
        return known;
    }

    String readString() {
        int length = readLength();
        String text = decode(length);
        position += length;
        return text;
    }

    private String decode(int length) {
        String text = new String(data, position, length, StandardCharsets.UTF_8);
        // The decoder puts U+FFFD where bytes are no UTF-8; only a string that has one needs the strict look.
        if (text.indexOf('\uFFFD') >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data, position, length));
            } catch (CharacterCodingException e) {
                throw malformed("has a string that is not UTF-8", e);
            }
        }
        return text;
    }

    /**
     * The number of elements in an array's next block, 0 after the last. Every element takes at least one byte, so
     * there are no more of them than bytes.
     */
    int readBlockCount() {
        long count = readLong();
        if (count < 0) {
            // A negated count is followed by the block's size in bytes, for readers that skip it.
            count = -count;
            requireRemaining(readLong());
        }
        return requireRemaining(count);
    }

    void requireEnd() {
        if (position != data.length) {
            throw malformed("goes on after its last field");
        }
    }

    private int readLength() {
        return requireRemaining(readLong());
    }

    private int requireRemaining(long length) {
        if (length < 0 || length > data.length - position) {
            throw malformed("has a length of " + length + " where " + (data.length - position) + " bytes are left");
        }
        return (int) length;
    }

    private DataException malformed(String what) {
        return malformed(what, null);
    }

    private DataException malformed(String what, Throwable cause) {
        return new DataException(
                "the record of " + data.length + " bytes " + what + ", at byte " + position
                        + "; it is damaged, or not what its first bytes say",
                cause);
    }
}
