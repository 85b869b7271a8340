package io.rediscdc.sink.target;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchRepliesTest {

    private static final String CLEAN =
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n*3\r\n$3\r\na\r\n\r\n$-1\r\n*0\r\n+OK\r\n$3\r\nme!\r\n";

    @Test
    void readsRepliesWhereverTheyAreCut() {
        for (int first = 0; first < CLEAN.length(); first++) {
            for (int second = first; second < CLEAN.length(); second += 5) {
                BatchReplies replies = new BatchReplies(6, 3);
                assertThat(replies.read(bytes(CLEAN.substring(0, first)))).isFalse();
                assertThat(replies.read(bytes(CLEAN.substring(first, second)))).isFalse();
                ByteBuf rest = bytes(CLEAN.substring(second) + "+next\r\n");
                assertThat(replies.read(rest)).isTrue();
                assertThat(rest.toString(US_ASCII)).isEqualTo("+next\r\n");
                assertThat(replies.errorCount()).isZero();
                assertThat(replies.executed()).isEqualTo(2);
                assertThat(replies.isDiscarded()).isFalse();
                assertThat(replies.bulks()).containsExactly("me!".getBytes(US_ASCII));
            }
        }
    }

    @Test
    void numbersErrorsWithinExec() {
        BatchReplies replies = new BatchReplies(4, 3);
        assertThat(replies.read(
                        bytes("+OK\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n:1\r\n-WRONGTYPE no\r\n*1\r\n-ERR inner\r\n")))
                .isTrue();
        assertThat(replies.errors()).containsExactly(new BatchReplies.ErrorReply(3, 1, "WRONGTYPE no"));
        assertThat(replies.executed()).isEqualTo(3);
    }

    @Test
    void notesZerosWhereTheyTellSomethingWhereverTheyAreCut() {
        // Of seven replies, the second, fourth, fifth and last are watched, and the first and last of those are 0; it
        // is not
        // as text, in an array or outside.
        String text = "+OK\r\n*7\r\n:0\r\n:0\r\n*1\r\n:0\r\n:10\r\n$1\r\n0\r\n:0\r\n:0\r\n:0\r\n";
        for (int cut = 0; cut < text.length(); cut++) {
            BatchReplies replies = new BatchReplies(3, 1, new int[] {1, 3, 4, 6});
            replies.read(bytes(text.substring(0, cut)));
            assertThat(replies.read(bytes(text.substring(cut)))).isTrue();
            assertThat(replies.zeros()).containsExactly(0, 3);
        }
    }

    @Test
    void aZeroWithoutAnExecTellsNothing() {
        BatchReplies replies = new BatchReplies(2, -1);
        assertThat(replies.read(bytes(":0\r\n+OK\r\n"))).isTrue();
        assertThat(replies.errorCount()).isZero();
    }

    @Test
    void tellsRefusedFromDiscarded() {
        BatchReplies refused = new BatchReplies(3, 2);
        refused.read(bytes("+OK\r\n-OOM no\r\n-EXECABORT because\r\n"));
        assertThat(refused.executed()).isEqualTo(-1);
        assertThat(refused.isDiscarded()).isFalse();
        assertThat(refused.errors().get(0)).isEqualTo(new BatchReplies.ErrorReply(1, -1, "OOM no"));

        BatchReplies discarded = new BatchReplies(3, 1);
        discarded.read(bytes("+OK\r\n*-1\r\n$-1\r\n"));
        assertThat(discarded.isDiscarded()).isTrue();
        assertThat(discarded.executed()).isEqualTo(-1);
        assertThat(discarded.bulks()).containsExactly((byte[]) null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400\r\n",
                "$x\r\n",
                "*\r\n",
                "+no carriage return\n",
                "\r\n",
                "*99999999999999999999\r\n"
            })
    void refusesWhatIsNotRedis(String text) {
        assertThatThrownBy(() -> new BatchReplies(1, 0).read(bytes(text))).hasMessageContaining("reply 0 of 1");
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }
}
