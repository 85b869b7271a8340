package io.rediscdc.converter;

import java.util.Arrays;

/** A growing buffer with Avro's binary encoding (Avro specification, "Binary Encoding"). Not thread-safe. */
final class AvroOutput {

    /** What a buffer may keep between records: a few large values do not hold memory for ever. */
    private static final int MAX_KEPT = 1 << 20;

    private static final int MAX_VARINT = 10;

    private byte[] buffer = new byte[512];
    private int length;

    void reset() {
        length = 0;
        if (buffer.length > MAX_KEPT) {
            buffer = new byte[512];
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(buffer, length);
    }

    void writeByte(int value) {
        reserve(1);
        buffer[length++] = (byte) value;
    }

    /** Of fields that are optional. */
    void writeNulls(int fields) {
        reserve(fields);
        Arrays.fill(buffer, length, length + fields, (byte) 0);
        length += fields;
    }

    /** Of an optional field: its value follows. */
    void writeIsSet() {
        writeByte(2);
    }

    /** An int or a long: the encoding is the same. */
    void writeLong(long value) {
        reserve(MAX_VARINT);
        byte[] out = buffer;
        int at = length;
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            out[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[at++] = (byte) rest;
        length = at;
    }

    void writeDouble(double value) {
        reserve(Double.BYTES);
        long bits = Double.doubleToLongBits(value);
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            buffer[length++] = (byte) (bits >>> shift);
        }
    }

    /** Bytes, or the UTF-8 of a string, with their length before them. */
    void writeBytes(byte[] bytes) {
        writeLong(bytes.length);
        writeRaw(bytes);
    }

    void writeRaw(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    private void reserve(int more) {
        if (more > buffer.length - length) {
            grow(more);
        }
    }

    private void grow(int more) {
        long needed = (long) length + more;
        // Arrays of the last few sizes cannot be allocated; no record of Kafka's is that large.
        if (needed > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("a record of more than 2 GiB");
        }
        buffer = Arrays.copyOf(buffer, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * buffer.length)));
    }
}
