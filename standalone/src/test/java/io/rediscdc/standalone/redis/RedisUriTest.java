package io.rediscdc.standalone.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisUriTest {

    @ParameterizedTest
    @CsvSource({
        "redis://localhost, localhost, 6379, , , ",
        "redis://localhost/, localhost, 6379, , , ",
        "redis://127.0.0.1:7000, 127.0.0.1, 7000, , , ",
        "redis://h:1/15, h, 1, , , 15",
        "redis://[::1]:7000, ::1, 7000, , , ",
        "redis://:secret@h, h, 6379, , secret, ",
        "redis://app:secret@h:2/0, h, 2, app, secret, 0",
        "redis://app:s%40c%2Fr%25t%20+@h, h, 6379, app, s@c/r%t +, ",
        "redis://app:p@ss:w@h:3, h, 3, app, p@ss:w, ",
        "redis://app:a/b?c#d@h:3, h, 3, app, a/b?c#d, ",
        "redis://@h, h, 6379, , , ",
    })
    void reads(String text, String host, int port, String user, String password, Integer database) {
        assertThat(RedisUri.parse(text)).isEqualTo(new RedisUri(host, port, user, password, database));
    }

    @ParameterizedTest
    @CsvSource({
        "rediss://h, TLS (rediss://) is not yet supported",
        "redis-sentinel://h, not yet supported",
        "localhost:6379, starts with redis://",
        "http://h, starts with redis://",
        "redis://, not an address",
        "redis://:1, not an address",
        "redis://h:0, the port must be from 1 to 65535",
        "redis://h:65536, the port must be from 1 to 65535",
        "redis://h:x, the port is not a number",
        "redis://h/x, the database is not a number",
        "redis://h/-1, the database must be from 0",
        "redis://h:1:2, the port is not a number",
        "redis://secret@h, a user or a password",
        "redis://app:s%4@h, must be followed by two hex digits",
    })
    void refusesWithoutRepeatingIt(String text, String message) {
        assertThatThrownBy(() -> RedisUri.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("secret");
    }

    @Test
    void showsNoPassword() {
        RedisUri uri = RedisUri.parse("redis://app:secret@h:2/3");
        assertThat(uri).hasToString("redis://app@h:2/3");
        assertThat(uri.address()).isEqualTo("h:2");
        assertThat(RedisUri.parse("redis://[::1]:7").address()).isEqualTo("[::1]:7");
    }
}
