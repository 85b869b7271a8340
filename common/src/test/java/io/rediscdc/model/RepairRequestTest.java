package io.rediscdc.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepairRequestTest {

    @Test
    void isReadableAndComesBack() {
        ChangeKey key = new ChangeKey(12, "session:42".getBytes(StandardCharsets.US_ASCII));
        assertThat(RepairRequest.encode(key))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("12:session:42");
        assertThat(RepairRequest.parse(RepairRequest.encode(key))).isEqualTo(key);
        assertThat(RepairRequest.parse("0:".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(new ChangeKey(0, new byte[0]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secret", ":secret", "-1:secret", "0", "1234567890:secret", "{\"key\":\"secret\"}"})
    void refusesOthersWithoutSayingThem(String request) {
        assertThatThrownBy(() -> RepairRequest.parse(request.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("of " + request.length() + " bytes")
                .hasMessageNotContaining("secret");
    }
}
