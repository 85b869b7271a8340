package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Elements of every length and kind at which an encoding turns into another one. */
public final class Elements {

    private static final long[] BOUNDS = {
        0, 12, 127, 255, 4095, 32767, 65535, 8388607, 16777215, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE
    };

    private static final int[] LENGTHS = {12, 63, 253, 4095, 16378, 16383, 65535};

    private static final List<String> NO_NUMBERS = List.of(
            "-0",
            "00",
            "01",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "-",
            "9223372036854775808",
            "-9223372036854775809",
            "0x10",
            "1e3");

    private Elements() {}

    public static Arbitrary<byte[]> any() {
        Arbitrary<byte[]> random = Arbitraries.bytes().array(byte[].class).ofMaxSize(30);
        return Arbitraries.frequencyOf(
                Tuple.of(6, random),
                Tuple.of(6, numbers().map(number -> Long.toString(number).getBytes(ISO_8859_1))),
                Tuple.of(2, Arbitraries.of(NO_NUMBERS).map(text -> text.getBytes(ISO_8859_1))),
                Tuple.of(2, large()));
    }

    public static Arbitrary<Long> numbers() {
        Arbitrary<Long> nearBounds = Arbitraries.integers()
                .between(0, BOUNDS.length - 1)
                .flatMap(bound -> Arbitraries.longs()
                        .between(-2, 2)
                        .flatMap(off -> Arbitraries.of(BOUNDS[bound] + off, -BOUNDS[bound] + off)));
        return Arbitraries.oneOf(
                nearBounds, Arbitraries.longs(), Arbitraries.longs().between(-100, 100));
    }

    /** Compressible to different degrees. */
    private static Arbitrary<byte[]> large() {
        Arbitrary<byte[]> patterns =
                Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(300);
        return Arbitraries.integers().between(0, LENGTHS.length - 1).flatMap(length -> Arbitraries.integers()
                .between(-6, 6)
                .flatMap(off -> patterns.map(pattern -> repeated(pattern, LENGTHS[length] + off))));
    }

    private static byte[] repeated(byte[] pattern, int length) {
        byte[] bytes = Arrays.copyOf(pattern, length);
        for (int i = pattern.length; i < length; i++) {
            bytes[i] = bytes[i - pattern.length];
        }
        return bytes;
    }
}
