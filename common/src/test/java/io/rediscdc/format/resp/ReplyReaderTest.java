package io.rediscdc.format.resp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {

    @Test
    void readsEveryKindOfReply() throws IOException {
        ReplyReader reader = reader(
                "+OK\r\n-ERR no\r\n:-9223372036854775808\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n+\r\n");

        assertThat(reader.next()).isEqualTo(new Reply.Status("OK"));
        assertThat(reader.next()).isEqualTo(new Reply.Failure("ERR no"));
        assertThat(reader.next()).isEqualTo(new Reply.Int(Long.MIN_VALUE));
        assertThat(reader.next().text()).isEqualTo("a\r\nbc");
        assertThat(reader.next().text()).isEmpty();
        assertThat(reader.next()).isEqualTo(new Reply.Nil());
        assertThat(reader.next()).isEqualTo(new Reply.Nil());
        assertThat(reader.next()).isEqualTo(new Reply.Array(List.of()));
        assertThat(reader.next()).isEqualTo(new Reply.Status(""));
        assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
    }

    @Test
    void readsArraysWithinArrays() throws IOException {
        Reply reply = reader("*3\r\n:1\r\n*2\r\n+a\r\n-b\r\n*1\r\n$-1\r\n").next();

        assertThat(reply)
                .isEqualTo(new Reply.Array(List.of(
                        new Reply.Int(1),
                        new Reply.Array(List.of(new Reply.Status("a"), new Reply.Failure("b"))),
                        new Reply.Array(List.of(new Reply.Nil())))));
        assertThat(reply.isFailure()).isFalse();
        assertThatThrownBy(reply::text).isInstanceOf(IllegalStateException.class);
    }

    /** What a master sends while it prepares an RDB, and then the RDB, of which nothing may be missing. */
    @Test
    void skipsKeepalivesAndLeavesTheRest() throws IOException {
        ByteInput in = new PiecewiseInput("\n\n\n+FULLRESYNC id 0\r\n\n\n$5\r\n\nREDI".getBytes(UTF_8), 1);
        ReplyReader reader = new ReplyReader(in);

        assertThat(reader.next().text()).isEqualTo("FULLRESYNC id 0");
        assertThat(reader.nextLine()).isEqualTo("$5");
        byte[] rdb = new byte[5];
        in.readFully(rdb, 0, 5);
        assertThat(rdb).asString(UTF_8).isEqualTo("\nREDI");
    }

    @Test
    void readsLinesOfAnyUsualLength() throws IOException {
        String line = "x".repeat(60_000);

        assertThat(reader("+" + line + "\r\n").next().text()).isEqualTo(line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\n",
                "\025\003\001",
                "%1\r\n",
                "_\r\n",
                "+OK\n",
                "+OK\rx",
                ":\r\n",
                ":1x\r\n",
                ":9223372036854775808\r\n",
                "$-2\r\n",
                "$x\r\n",
                "$3\r\nabcd\r\n",
                "*-2\r\n",
                "*2147483648\r\n",
                "*1\r\n\r\n",
                "\rx"
            })
    void refusesWhatIsNoReply(String bytes) {
        assertThatThrownBy(() -> reader(bytes).next())
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.PROTOCOL));
    }

    @Test
    void namesTheRemedyWhereNoRedisAnswers() {
        assertThatThrownBy(() -> reader("HTTP/1.1 400 Bad Request\r\n").next())
                .hasMessageContaining("found 'H'")
                .hasMessageContaining("check that host and port are those of a Redis server");
    }

    @Test
    void hasBounds() {
        assertThatThrownBy(() -> reader("*1\r\n".repeat(100) + "+a\r\n").next())
                .hasMessageContaining("more than 32 arrays");
        assertThatThrownBy(() -> reader("+" + "x".repeat(70_000) + "\r\n").next())
                .hasMessageContaining("more than 65536");
        assertThatThrownBy(() -> reader("$2147483640\r\n").next())
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.UNSUPPORTED));
        assertThatThrownBy(() -> reader("*2147483647\r\n").next()).isInstanceOf(EOFException.class);
    }

    private static ReplyReader reader(String bytes) {
        return new ReplyReader(new PiecewiseInput(bytes.getBytes(UTF_8), 1));
    }
}
