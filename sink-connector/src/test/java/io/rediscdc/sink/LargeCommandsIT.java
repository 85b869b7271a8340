package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that come in pieces are applied with the last piece, once, whatever happens in between. */
class LargeCommandsIT extends LargeCommandFaults {

    LargeCommandsIT() {
        super(Way.HELD);
    }

    @Test
    void everyCommandArrives() {
        feed.pieces(700, "SET", "string", TEXT)
                .pieces(701, "APPEND", "string", TEXT)
                .pieces(64, "MSET", "a", TEXT, "b", "", "c", TEXT + TEXT)
                .pieces(702, hset(1000))
                .pieces(703, "SET", "expiring", TEXT, "PXAT", "4000000000000")
                .pieces(703, "SETEX", "old", "1000", TEXT)
                .pieces(704, "EVAL", "redis.call('set', KEYS[1], ARGV[1])", "1", "scripted", TEXT)
                .pieces(Op.FUNCTION, null, 705, 99, "FUNCTION", "LOAD", Feed.code("lib") + "--" + TEXT)
                .pieces(Op.PUBLISH, null, 706, 99, "PUBLISH", "channel", TEXT);
        feed.db(3)
                .pieces(707, "RPUSH", "list", TEXT, "x")
                .command("RPUSH", "list", "y")
                .db(0);

        run.start().deliver(feed.from(0));
        run.rest();

        assertThat(redis.get("string")).isEqualTo(TEXT + TEXT);
        assertThat(redis.mget("a", "b", "c"))
                .extracting(pair -> pair.getValueOrElse("none"))
                .containsExactly(TEXT, "", TEXT + TEXT);
        assertThat(redis.hlen("hash")).isEqualTo(1000);
        assertThat(redis.hget("hash", "f999")).isEqualTo("v999");
        assertThat(redis.get("expiring")).isEqualTo(TEXT);
        assertThat(redis.pexpiretime("expiring")).isEqualTo(4_000_000_000_000L);
        assertThat(redis.get("old")).isEqualTo(TEXT);
        assertThat(redis.ttl("old")).isBetween(900L, 1000L);
        assertThat(redis.get("scripted")).isEqualTo(TEXT);
        assertThat(redis.functionList("lib")).hasSize(1);
        redis.select(3);
        assertThat(redis.lrange("list", 0, -1)).containsExactly(TEXT, "x", "y");
    }

    /** Times that are out of reach while the flow is behind (SET is written anew then), and come down later. */
    @Test
    void expireTimesAreLiftedAsThoseOfOthers() {
        long at = System.currentTimeMillis() + 1_000_000;
        feed.age(60_000).pieces(700, "SET", "k", TEXT, "PXAT", Long.toString(at));
        run.start().deliver(feed.from(0));
        assertThat(redis.pexpiretime("k")).isGreaterThan(at * 2);
        assertThat(redis.get("k")).isEqualTo(TEXT);
        long next = feed.end();
        feed.age(0).heartbeat();
        run.deliver(feed.from(next));
        run.rest();
        assertThat(redis.pexpiretime("k")).isEqualTo(at);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void cutConnectionsNeitherLoseNorDoubleIt(String delivery) {
        boolean exactly = delivery.equals("exactly_once");
        String name = exactly ? "APPEND" : "SET";
        for (int i = 0; i < 10; i++) {
            feed.pieces(400, name, "string" + i % 2, TEXT + i);
        }
        CutSink sink = new CutSink(server, feed, 2_000, 25_000)
                .with("batch.max.records", "1")
                .with("delivery", delivery);
        for (int i = 0; i < 8; i++) {
            sink.replicate(i % 2 == 0);
            assertThat(redis.get("string0")).endsWith(TEXT + 8);
            assertThat(redis.strlen("string1")).isEqualTo(3001L * (exactly ? 5 : 1));
        }
        assertThat(sink.cuts()).isGreaterThan(4);
    }

    @Test
    void inATransactionItIsAMember() {
        Command.Transaction first = new Command.Transaction(9, 0, false);
        Command.Transaction last = new Command.Transaction(9, 2, true);
        feed.pieces(Op.COMMAND, first, 700, 99, "APPEND", "k", TEXT)
                .member(9, 1, false, "INCR", "n")
                .pieces(Op.COMMAND, last, 700, 99, "APPEND", "k", TEXT);
        run.start();
        run.put(feed.from(0).subList(0, (int) feed.end() - 1));
        assertThat(redis.exists("k", "n")).isZero();
        run.restart();
        run.replicate(feed);
        assertThat(redis.strlen("k")).isEqualTo(6_000);
        assertThat(redis.get("n")).isEqualTo("1");
    }

    /** The positions of its members come a second time, with something else. */
    @Test
    void aTransactionThatTheSourceCouldNotFinishNeverWas() {
        Feed.Place before = feed.place();
        feed.member(9, 0, false, "INCR", "x");
        feed.pieces(Op.COMMAND, new Command.Transaction(9, 1, false), 400, 3, "APPEND", "k", TEXT);
        feed.goBack(before)
                .member(8, 0, false, "INCR", "y")
                .pieces(Op.COMMAND, new Command.Transaction(8, 1, true), 400, 99, "APPEND", "k", "v".repeat(2_000))
                .command("INCR", "y");
        run.start().put(feed.from(0));
        assertThat(redis.exists("x")).isZero();
        assertThat(redis.get("y")).isEqualTo("2");
        assertThat(redis.get("k")).isEqualTo("v".repeat(2_000));
    }

    @Test
    void countsWhatIsHeldOfItsTransaction() {
        run.with("transaction.max.bytes", "4000");
        feed.member(9, 0, false, "SET", "j", TEXT)
                .pieces(Op.COMMAND, new Command.Transaction(9, 1, true), 700, 99, "SET", "k", TEXT);
        run.start();
        assertThatThrownBy(() -> run.put(feed.from(0)))
                .hasMessageContaining("beside 3004 bytes of its transaction")
                .hasMessageContaining("transaction.max.bytes is 4000");
        assertThat(redis.exists("j", "k")).isZero();
    }

    @Test
    void namesWhatIsOutOfOrder() {
        byte[] data = bytes("*1\r\n$4\r\nPI");
        assertRefused("piece 1 of a large command at changes-0@1 follows none", piece(1, false, data.length, data));
        assertRefused("follows piece 0", piece(0, false, data.length, data), piece(2, true, 2L * data.length, data));
        assertRefused(
                "brings it to 20 bytes and says 21", piece(0, false, data.length, data), piece(1, true, 21, data));
        assertRefused(
                "from changes-0@1 to changes-0@2 are no command",
                piece(0, false, data.length, data),
                piece(1, true, 2L * data.length, data));
        byte[] more = bytes("*1\r\n$4\r\nPING\r\n*1\r\n");
        assertRefused("are no command: it ends 4 bytes before", piece(0, true, more.length, more));
        byte[] keyless = bytes("*1\r\n$3\r\nSET\r\n");
        assertRefused("are no command: command set", piece(0, true, keyless.length, keyless));
    }

    private static Piece piece(int number, boolean last, long bytes, byte[] data) {
        return new Piece(number, last, Piece.RESP, bytes, data);
    }

    private void assertRefused(String words, Piece... pieces) {
        Feed history = new Feed().begin();
        for (Piece piece : pieces) {
            history.piece(Op.COMMAND, "k", new Command(piece, null));
        }
        run.start();
        assertThatThrownBy(() -> run.put(history.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining(words)
                .hasMessageContaining("changes-0@");
        run.stop();
        assertThat(redis.keys("*")).isSubsetOf(CHECKPOINT);
        redis.flushall();
    }
}
