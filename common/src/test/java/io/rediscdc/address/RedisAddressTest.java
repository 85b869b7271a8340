package io.rediscdc.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {

    @ParameterizedTest
    @CsvSource({
        "redis.example.org:6380, redis.example.org, 6380",
        "127.0.0.1:1, 127.0.0.1, 1",
        "localhost, localhost, 6379",
        "[::1]:7000, ::1, 7000",
        "[fe80::1%eth0], fe80::1%eth0, 6379",
        "' host:65535 ', host, 65535"
    })
    void readsHostAndPort(String text, String host, int port) {
        RedisAddress address = RedisAddress.parse(text);
        assertThat(address).isEqualTo(new RedisAddress(host, port));
        assertThat(RedisAddress.parse(address.toString())).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ":6379",
                "host:",
                "host:0",
                "host:65536",
                "host:x",
                "::1",
                "[::1",
                "[::1]6379",
                "[host]:1",
                "a:1,b:2",
                "a b:1",
                "host/0",
                "host:6379/0"
            })
    void saysWhatIsExpected(String text) {
        assertThatThrownBy(() -> RedisAddress.parse(text))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("expected host:port");
    }

    @Test
    void doesNotRepeatThePasswordOfAUri() {
        for (String text : new String[] {"redis://:s3cret@host:6379", "user:s3cret@host:6379"}) {
            assertThatThrownBy(() -> RedisAddress.parse(text))
                    .hasMessageContaining("is a URI")
                    .hasMessageNotContaining("s3cret");
        }
    }
}
