package io.rediscdc.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandNameTest {

    @Test
    void isSaidAsItCame() {
        assertThat(CommandName.of(args("Foo.Bar"))).isEqualTo("Foo.Bar");
    }

    @Test
    void ofAnyLengthIsShortInAMessage() {
        assertThat(CommandName.of(args("x".repeat(65)))).isEqualTo("x".repeat(64));
    }

    @Test
    void whatIsInNoNameIsNotSaid() {
        assertThat(CommandName.of(args("get\r\n\u001b[31mCONFIG|SET"))).isEqualTo("get????31mCONFIG|SET");
    }

    private static byte[][] args(String name) {
        return new byte[][] {name.getBytes(US_ASCII), "key".getBytes(US_ASCII)};
    }
}
