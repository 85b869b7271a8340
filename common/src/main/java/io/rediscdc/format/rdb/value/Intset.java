package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.rediscdc.format.rdb.RdbInput;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** An intset (src/intset.c): {@code bytes a number (4), number of numbers (4), numbers}, all little-endian. */
final class Intset {

    private static final int HEADER = 8;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Intset() {}

    static void decode(byte[] bytes, RdbInput errors, ValueVisitor to) {
        if (bytes.length < HEADER) {
            throw errors.corrupt("an intset of " + bytes.length + " bytes");
        }
        int width = (int) INT.get(bytes, 0);
        long count = Integer.toUnsignedLong((int) INT.get(bytes, 4));
        if ((width != 2 && width != 4 && width != 8) || HEADER + count * width != bytes.length) {
            throw errors.corrupt(
                    "an intset of " + bytes.length + " bytes that states " + count + " numbers of " + width + " bytes");
        }
        for (int at = HEADER; at < bytes.length; at += width) {
            to.setMember(Long.toString(number(bytes, at, width)).getBytes(ISO_8859_1));
        }
    }

    private static long number(byte[] bytes, int at, int width) {
        return switch (width) {
            case 2 -> (short) SHORT.get(bytes, at);
            case 4 -> (int) INT.get(bytes, at);
            default -> (long) LONG.get(bytes, at);
        };
    }
}
