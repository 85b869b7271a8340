package io.rediscdc.format.resp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerTimeTest {

    private static final byte[] SECONDS = "1700000000".getBytes(US_ASCII);
    private static final byte[] MICROS = "1999".getBytes(US_ASCII);

    @Test
    void ofAReplyAndOfItsParts() {
        assertThat(ServerTime.millis(new Reply.Array(List.of(new Reply.Bulk(SECONDS), new Reply.Bulk(MICROS)))))
                .isEqualTo(1_700_000_000_001L);
        assertThat(ServerTime.millis(List.of(SECONDS, MICROS))).isEqualTo(1_700_000_000_001L);
    }
}
