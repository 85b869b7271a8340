package io.rediscdc.format.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Flavour;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DumpPayloadTest {

    /** What Redis 2.8 answered to DUMP of "empty key". */
    private static final byte[] OF_REDIS_2_8 = HexFormat.of().parseHex("0009656d707479206b6579060051318ebc3219a38e");

    @Test
    void buildsWhatTheServerBuilds() {
        byte[] value = Arrays.copyOfRange(OF_REDIS_2_8, 1, OF_REDIS_2_8.length - DumpPayload.FOOTER_LENGTH);
        assertThat(DumpPayload.of(RdbType.STRING, value, 6)).isEqualTo(OF_REDIS_2_8);
        assertThat(DumpPayload.rdbVersion(OF_REDIS_2_8)).isEqualTo(6);
        assertThat(DumpPayload.isIntact(OF_REDIS_2_8)).isTrue();
        assertThat(DumpPayload.string(OF_REDIS_2_8)).asString().isEqualTo("empty key");
    }

    @Test
    void changesTheVersionAndNothingElse() {
        byte[] later = DumpPayload.withVersion(OF_REDIS_2_8, 80);
        assertThat(DumpPayload.rdbVersion(later)).isEqualTo(80);
        assertThat(DumpPayload.isIntact(later)).isTrue();
        assertThat(DumpPayload.withVersion(later, 6)).isEqualTo(OF_REDIS_2_8);
    }

    @Test
    void seesDamageButTakesAMissingChecksum() {
        byte[] damaged = OF_REDIS_2_8.clone();
        damaged[3] ^= 1;
        assertThat(DumpPayload.isIntact(damaged)).isFalse();
        Arrays.fill(damaged, damaged.length - 8, damaged.length, (byte) 0);
        assertThat(DumpPayload.isIntact(damaged)).isTrue();
        assertThat(DumpPayload.isIntact(DumpPayload.withVersion(damaged, 6))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "00, ''",
        "0161, a",
        "c07f, 127",
        "c080, -128",
        "c1ff7f, 32767",
        "c10080, -32768",
        "c2ffffff7f, 2147483647",
        "c200000080, -2147483648",
        "c3050c0061e00200, aaaaaaaaaaaa",
        "800000000162, b",
        "81000000000000000163, c",
        "400164, d"
    })
    void decodesAPlainString(String value, String text) {
        byte[] payload = DumpPayload.of(RdbType.STRING, HexFormat.of().parseHex(value), 9);
        assertThat(DumpPayload.isPlainString(payload)).isTrue();
        assertThat(DumpPayload.string(payload)).isEqualTo(text.getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({"0261", "00ff", "c1ff", "c4", "82", "81ffffffffffffffff", "817fffffffffffffff", "c3057f0061e00200"})
    void refusesADamagedString(String value) {
        byte[] payload = DumpPayload.of(RdbType.STRING, HexFormat.of().parseHex(value), 9);
        assertThatThrownBy(() -> DumpPayload.string(payload)).isInstanceOf(RedisCdcException.class);
    }

    @Test
    void tellsTheTypeByFlavour() {
        byte[] payload = DumpPayload.withVersion(OF_REDIS_2_8, 80);
        payload[0] = 22;
        assertThat(DumpPayload.type(payload, Flavour.VALKEY)).isEqualTo(RdbType.VALKEY_HASH_2);
        assertThat(DumpPayload.type(payload, Flavour.REDIS)).isEqualTo(RdbType.HASH_METADATA_PRE_GA);
        assertThat(DumpPayload.isPlainString(payload)).isFalse();
        payload[0] = 26;
        assertThatThrownBy(() -> DumpPayload.type(payload, Flavour.VALKEY))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("type 26 of valkey")
                .hasMessageContaining("version 80");
    }

    @Test
    void refusesWhatIsTooShort() {
        byte[] payload = new byte[DumpPayload.FOOTER_LENGTH + 1];
        assertThat(DumpPayload.isPlainString(payload)).isFalse();
        assertThatThrownBy(() -> DumpPayload.rdbVersion(payload)).isInstanceOf(RedisCdcException.class);
        assertThatThrownBy(() -> DumpPayload.isIntact(payload)).isInstanceOf(RedisCdcException.class);
        assertThatThrownBy(() -> DumpPayload.withVersion(payload, 6)).isInstanceOf(RedisCdcException.class);
        assertThatThrownBy(() -> DumpPayload.type(payload, Flavour.REDIS)).isInstanceOf(RedisCdcException.class);
    }
}
