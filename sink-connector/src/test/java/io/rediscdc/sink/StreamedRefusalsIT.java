package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import org.junit.jupiter.api.Test;

/** What of a command that is streamed cannot be applied is named, and nothing of it is. */
class StreamedRefusalsIT extends LargeCommandBed {

    StreamedRefusalsIT() {
        super(Way.STREAMED);
    }

    @Test
    void oneThatFailsIsStuckAsOthersAre() {
        feed.begin()
                .end(0)
                .command("SET", "k", "x")
                .pieces(500, "RPUSH", "k", TEXT)
                .command("INCR", "n");
        run.start();
        assertThatThrownBy(() -> run.replicate(feed))
                .hasMessageContaining("failed to execute RPUSH at changes-0@")
                .hasMessageContaining("WRONGTYPE");
        run.stop();
        redis.hdel(CHECKPOINT, "stuck");
        run.start().replicate(feed);
        assertThat(redis.get("k")).isEqualTo("x");
        assertThat(redis.get("n")).isEqualTo("1");
    }

    @Test
    void oneThatTheTargetDoesNotKnowIsNamed() {
        feed.begin().end(0).pieces(500, "WHATEVER", "k", TEXT).command("INCR", "n");
        run.start();
        assertThatThrownBy(() -> run.replicate(feed))
                .hasMessageContaining("refused WHATEVER of the record at changes-0@")
                .hasMessageContaining("nothing of its batch has been applied");
        assertThat(redis.exists("n")).isZero();
    }

    @Test
    void orLeftOut() {
        feed.begin().end(0).command("INCR", "n");
        feed.pieces(500, "WHATEVER", "k", TEXT)
                .command("INCR", "n")
                .pieces(500, "WHATEVER", "k", TEXT)
                .pieces(500, "SET", "k", TEXT)
                .command("INCR", "n");
        run.with("unsupported.policy", "drop").start().replicate(feed);
        assertThat(redis.get("n")).isEqualTo("3");
        assertThat(redis.get("k")).isEqualTo(TEXT);
        assertThat(run.metric("omissions-total")).isEqualTo(2);
        assertThat(run.metric("reconnects-total")).isZero();
    }

    @Test
    void oneThatIsTooLargeForTheTargetIsNamed() {
        stop();
        begin(RedisServer.start("--proto-max-bulk-len", "1mb"));
        feed.begin().end(0).command("INCR", "n").pieces(100_000, "SET", "big", "x".repeat(2_000_000));
        run.start();
        assertThatThrownBy(() -> run.replicate(feed))
                .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                        .isEqualTo(RedisCdcException.Category.TARGET_REJECTED))
                .hasMessageContaining("closed the connection 10 times in a row")
                .hasMessageContaining("proto-max-bulk-len");
        assertThat(redis.get("n")).isEqualTo("1");
        redis.configSet("proto-max-bulk-len", "4mb");
        run.restart().replicate(feed);
        assertThat(redis.strlen("big")).isEqualTo(2_000_000);
    }

    @Test
    void namesWhatCannotBeStreamed() {
        feed.begin().end(0).pieces(500, "SET", "k".repeat(700), TEXT);
        run.start();
        assertThatThrownBy(() -> run.replicate(feed)).hasMessageContaining("whose key is not in its first piece");
        run.stop();
        Feed xadd = new Feed().begin().end(0).pieces(500, "XADD", "k", "1-1", "f", TEXT);
        redis.flushall();
        run.with("stream.ids", "drop").start();
        assertThatThrownBy(() -> run.replicate(xadd)).hasMessageContaining("stream.ids=drop");
        assertThat(redis.exists("k")).isZero();
    }

    @Test
    void whatIsNoCommandIsNotApplied() {
        byte[] first = bytes("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2000\r\n" + "x".repeat(1500));
        assertRefused("it is longer than its pieces", first, "x".repeat(500) + "\r");
        assertRefused("found byte 120 where 13 has to be", first, "x".repeat(501) + "\r\n");
        assertRefused("2 bytes follow its end", first, "x".repeat(500) + "\r\n*1");
        assertRefused("found byte 36 where 42 has to be", bytes("$3\r\n".repeat(500)), "");
    }

    private void assertRefused(String words, byte[] first, String last) {
        Feed history = new Feed().begin();
        byte[] rest = bytes(last);
        int all = first.length + rest.length;
        history.piece(Op.COMMAND, "k", new Command(new Piece(0, false, Piece.RESP, first.length, first), null));
        history.piece(Op.COMMAND, "k", new Command(new Piece(1, true, Piece.RESP, all, rest), null));
        run.start();
        assertThatThrownBy(() -> run.put(history.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining(words)
                .hasMessageContaining("changes-0@1")
                .hasMessageContaining("Nothing of it was applied");
        run.stop();
        assertThat(redis.keys("*")).isSubsetOf(CHECKPOINT);
        redis.flushall();
    }
}
