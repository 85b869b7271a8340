package io.rediscdc.format.resp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespBufferTest {

    @Test
    void writesHandshakes() {
        assertThat(RespWriter.command("PSYNC", "?", "-1"))
                .asString(UTF_8)
                .isEqualTo("*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n");
        assertThat(RespWriter.command("é".getBytes(UTF_8), new byte[0]))
                .isEqualTo("*2\r\n$2\r\né\r\n$0\r\n\r\n".getBytes(UTF_8));
        assertThat(RespWriter.command("é", "")).isEqualTo("*2\r\n$2\r\né\r\n$0\r\n\r\n".getBytes(UTF_8));
    }

    @Test
    void appendsCommandsPieceByPiece() throws IOException {
        RespBuffer buffer = new RespBuffer(0)
                .begin(3)
                .arg("REPLCONF")
                .arg("ACK".getBytes(UTF_8))
                .arg(1234567890123L)
                .begin(1)
                .arg("xxEXECxx".getBytes(UTF_8), 2, 4);
        byte[] ping = RespWriter.command("PING");
        buffer.encoded(ping, 0, ping.length);
        String expected =
                "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$13\r\n1234567890123\r\n*1\r\n$4\r\nEXEC\r\n*1\r\n$4\r\nPING\r\n";

        assertThat(buffer.toByteArray()).asString(UTF_8).isEqualTo(expected);
        assertThat(new String(buffer.array(), 0, buffer.length(), UTF_8)).isEqualTo(expected);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        buffer.writeTo(out);
        assertThat(out.toString(UTF_8)).isEqualTo(expected);
    }

    @Test
    void startsAgainInTheSameArray() {
        RespBuffer buffer = new RespBuffer(1000).command("SET", "a", "b");
        byte[] array = buffer.array();

        buffer.clear();

        assertThat(buffer.length()).isZero();
        assertThat(buffer.command("PING").toByteArray()).asString(UTF_8).isEqualTo("*1\r\n$4\r\nPING\r\n");
        assertThat(buffer.array()).isSameAs(array);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 9, 10, -10, 99, 100, 12345, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
    void writesNumbers(long number) {
        String text = Long.toString(number);

        assertThat(new RespBuffer(0).arg(number).toByteArray())
                .asString(UTF_8)
                .isEqualTo("$" + text.length() + "\r\n" + text + "\r\n");
    }
}
