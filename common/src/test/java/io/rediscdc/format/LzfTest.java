package io.rediscdc.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LzfTest {

    @Test
    void repeatsAByteByReferringToItself() {
        // One literal 'a', then 9 + 2 bytes from one back.
        byte[] in = {0, 'a', (byte) 0xe0, 2, 0};
        assertThat(Lzf.decompress(in, 0, in.length, 12)).asString().isEqualTo("a".repeat(12));
    }

    @ParameterizedTest
    @CsvSource({
        "0061, 2",
        "0061, 0",
        "0061, -1",
        "0061, 2000000000",
        "0561, 6",
        "2000, 3",
        "0061e0, 10",
        "0061e002, 12",
        "0061e00201, 12",
        "0061e00200, 11",
        "0061e00200, 13",
        "'', 1"
    })
    void refusesWhatDoesNotFit(String hex, int length) {
        byte[] in = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> Lzf.decompress(in, 0, in.length, length))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.PROTOCOL));
    }

    @Test
    void neverFailsInAnotherWay() {
        Random random = new Random(3);
        int decompressed = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] in = new byte[random.nextInt(12)];
            random.nextBytes(in);
            int length = random.nextInt(40);
            try {
                assertThat(Lzf.decompress(in, 0, in.length, length)).hasSize(length);
                decompressed++;
            } catch (RedisCdcException e) {
                assertThat(e.category()).isEqualTo(Category.PROTOCOL);
            }
        }
        assertThat(decompressed).isPositive();
    }
}
