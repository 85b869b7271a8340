package io.rediscdc.format.rdb;

import io.rediscdc.format.Crc64;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes an RDB by hand. */
final class RdbBytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    RdbBytes(String magic) {
        raw(magic.getBytes(StandardCharsets.US_ASCII));
    }

    RdbBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    RdbBytes bytes(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    /** Of less than 16384 bytes. */
    RdbBytes string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return bytes(0x40 | bytes.length >> 8, bytes.length & 0xff).raw(bytes);
    }

    /** A length in eight bytes. */
    RdbBytes length(long length) {
        return bytes(0x81).raw(ByteBuffer.allocate(8).putLong(length).array());
    }

    RdbBytes littleEndian(long number) {
        return raw(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array());
    }

    byte[] unfinished() {
        return out.toByteArray();
    }

    byte[] end() {
        bytes(255);
        byte[] body = out.toByteArray();
        return littleEndian(Crc64.update(0, body, 0, body.length)).unfinished();
    }

    byte[] endWithoutChecksum() {
        return bytes(255).littleEndian(0).unfinished();
    }
}
