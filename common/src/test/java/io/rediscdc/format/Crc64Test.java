package io.rediscdc.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc64Test {

    @Test
    void givesTheCheckValueOfRedis() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(Crc64.update(0, digits, 0, digits.length)).isEqualTo(0xe9c6d914c4b8d9caL);
    }

    @Test
    void isTheSameHoweverTheBytesAreSplit() {
        byte[] bytes = new byte[500];
        new Random(1).nextBytes(bytes);
        long bitwise = bitwise(bytes);
        for (int split = 0; split <= bytes.length; split++) {
            long crc = Crc64.update(0, bytes, 0, split);
            assertThat(Crc64.update(crc, bytes, split, bytes.length - split)).isEqualTo(bitwise);
        }
    }

    /** By the definition, bit by bit. */
    private static long bitwise(byte[] bytes) {
        long crc = 0;
        for (byte b : bytes) {
            for (int bit = 0; bit < 8; bit++) {
                boolean carry = crc < 0 ^ (b >>> bit & 1) == 1;
                crc = crc << 1 ^ (carry ? 0xad93d23594c935a9L : 0);
            }
        }
        return Long.reverse(crc);
    }
}
