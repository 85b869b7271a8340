package io.rediscdc.format.rdb;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.Crc64;
import io.rediscdc.model.Flavour;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What DUMP answers and RESTORE takes: {@code type (1 byte), value, RDB version (2 bytes), CRC64 of all before (8
 * bytes)}, little-endian (createDumpPayload in src/cluster.c). Metadata of modules stands before the type (Redis 8.6).
 */
public final class DumpPayload {

    public static final int FOOTER_LENGTH = 10;

    private static final int CRC_LENGTH = 8;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private DumpPayload() {}

    /**
     * Builds a payload.
     *
     * @param value what follows the type byte
     */
    public static byte[] of(RdbType type, byte[] value, int rdbVersion) {
        byte[] payload = new byte[1 + value.length + FOOTER_LENGTH];
        payload[0] = (byte) type.number();
        System.arraycopy(value, 0, payload, 1, value.length);
        seal(payload, rdbVersion);
        return payload;
    }

    /** Writes the footer into the last {@link #FOOTER_LENGTH} bytes, whatever they hold. */
    static void seal(byte[] payload, int rdbVersion) {
        int crcAt = payload.length - CRC_LENGTH;
        SHORT.set(payload, payload.length - FOOTER_LENGTH, (short) rdbVersion);
        LONG.set(payload, crcAt, Crc64.update(0, payload, 0, crcAt));
    }

    /** The RDB version in the footer. */
    public static int rdbVersion(byte[] payload) {
        checkLength(payload);
        return (short) SHORT.get(payload, payload.length - FOOTER_LENGTH) & 0xffff;
    }

    /**
     * Whether the checksum is right. 0 stands for "not computed" and passes: Redis 8.6 sends that while it moves slots
     * (servers before it refuse it in RESTORE; {@link #withVersion} computes it).
     */
    public static boolean isIntact(byte[] payload) {
        checkLength(payload);
        int crcAt = payload.length - CRC_LENGTH;
        long crc = (long) LONG.get(payload, crcAt);
        return crc == 0 || crc == Crc64.update(0, payload, 0, crcAt);
    }

    /** Whether it has a checksum at all; without one, servers before Redis 8.6 refuse it. */
    public static boolean hasChecksum(byte[] payload) {
        checkLength(payload);
        return (long) LONG.get(payload, payload.length - CRC_LENGTH) != 0;
    }

    /** A copy that states another RDB version: servers look at the version first and at the type only then. */
    public static byte[] withVersion(byte[] payload, int rdbVersion) {
        checkLength(payload);
        byte[] copy = payload.clone();
        seal(copy, rdbVersion);
        return copy;
    }

    /**
     * The type of the value, metadata of modules skipped.
     *
     * @throws RedisCdcException UNSUPPORTED if the flavour has no such type, PROTOCOL if the payload is damaged
     */
    public static RdbType type(byte[] payload, Flavour flavour) {
        int number = payload[valueOffset(payload, flavour) - 1] & 0xff;
        RdbType type = RdbType.of(flavour, number);
        if (type == null) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "type " + number + " of " + flavour.text() + " in a DUMP payload of RDB version "
                            + rdbVersion(payload) + " is not known here");
        }
        return type;
    }

    /**
     * Where the value begins: behind the metadata of modules and the type byte.
     *
     * @throws RedisCdcException PROTOCOL if the payload is damaged
     */
    public static int valueOffset(byte[] payload, Flavour flavour) {
        checkLength(payload);
        if (!hasKeyMeta(payload, flavour)) {
            return 1;
        }
        try {
            RdbInput in = new RdbInput(new ArrayInput(payload), payload.length);
            in.readUnsignedByte();
            new ValueSkipper(in).skipKeyMeta();
            in.readUnsignedByte();
            return (int) in.position();
        } catch (EOFException e) {
            throw damaged(payload, "its metadata does not end", e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading an array", e);
        }
    }

    /** Whether values that modules attached to the key stand before the type: a server of RDB version 13 is needed. */
    public static boolean hasKeyMeta(byte[] payload, Flavour flavour) {
        return flavour == Flavour.REDIS && (payload[0] & 0xff) == RdbReader.OPCODE_KEY_META;
    }

    /** Whether it is a string that {@link #string} can give: what SET can write. */
    public static boolean isPlainString(byte[] payload) {
        return payload.length > FOOTER_LENGTH + 1 && payload[0] == RdbType.STRING.number();
    }

    /**
     * The value of a plain string: decompressed, an integer as text.
     *
     * @throws RedisCdcException PROTOCOL if the payload is damaged
     */
    public static byte[] string(byte[] payload) {
        if (!isPlainString(payload)) {
            throw new IllegalArgumentException("no plain string");
        }
        try {
            RdbInput in = new RdbInput(new ArrayInput(payload), payload.length * 88L);
            in.readUnsignedByte();
            byte[] value = in.readString();
            if (in.position() != payload.length - FOOTER_LENGTH) {
                throw damaged(payload, "its string ends at byte " + in.position(), null);
            }
            return value;
        } catch (EOFException e) {
            throw damaged(payload, "its string does not end", e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading an array", e);
        }
    }

    private static void checkLength(byte[] payload) {
        if (payload.length <= FOOTER_LENGTH + 1) {
            throw damaged(payload, "it is shorter than any", null);
        }
    }

    private static RedisCdcException damaged(byte[] payload, String why, Throwable cause) {
        return new RedisCdcException(
                Category.PROTOCOL,
                "DUMP payload of " + payload.length + " bytes is damaged: " + why + "; read the key again",
                cause);
    }
}
