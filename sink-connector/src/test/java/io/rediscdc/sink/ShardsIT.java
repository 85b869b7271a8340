package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.format.resp.RespWriter;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The histories of several shards in one partition, their records one between the other. */
class ShardsIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    private static final int FIELDS = 300;

    private final Feed a = new Feed();
    private final Feed b = a.beside("b");
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun sink;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        sink = new SinkRun(server);
    }

    @AfterEach
    void stop() {
        sink.stop();
        server.close();
    }

    @Test
    void transactionsThatAreOpenAtATimeAreAppliedEachByItself() {
        a.begin().end(0);
        b.begin().end(0);
        a.member(7, 0, false, "INCR", "a1");
        b.member(7, 0, false, "INCR", "b1");
        b.command("INCR", "never");
        sink.start();
        assertThatThrownBy(() -> sink.put(a.from(0))).hasMessageContaining("has no end before changes-0@6");
        // The end of the other one is missing as well, but that is not known before something of its shard follows.
        assertThat(redis.exists("a1", "b1", "never")).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14})
    void whereverItIsStoppedNothingIsLostOrDoubled(int records) {
        a.begin().end(0);
        b.begin().end(0);
        a.member(7, 0, false, "INCR", "a1");
        b.command("INCR", "b0");
        b.member(7, 0, false, "INCR", "b1");
        a.member(7, 1, false, "INCR", "a2");
        b.member(7, 1, true, "INCR", "b2");
        b.pieces(9, "APPEND", "b3", "some text");
        a.member(7, 2, true, "INCR", "a3");
        a.command("INCR", "a4");
        b.command("INCR", "b4");
        sink.start();
        sink.put(a.from(0).subList(0, records));
        sink.restart();
        assertThat(sink.position()).isLessThanOrEqualTo(records);
        sink.replicate(a);
        assertThat(redis.mget("a1", "a2", "a3", "a4", "b0", "b1", "b2", "b4"))
                .allSatisfy(value -> assertThat(value.getValue()).isEqualTo("1"));
        assertThat(redis.get("b3")).isEqualTo("some text");
    }

    @Test
    void anOpenTransactionHoldsOnlyItsOwnShardAndTheOffset() {
        a.begin().end(0);
        b.begin().end(0);
        long open = a.end();
        a.member(7, 0, false, "INCR", "a1");
        b.command("INCR", "b1").command("INCR", "b1");
        sink.start().put(a.from(0));
        assertThat(redis.get("b1")).isEqualTo("2");
        assertThat(redis.hget(CHECKPOINT, "offset")).isEqualTo(Long.toString(open));
        assertThat(redis.hget(CHECKPOINT, "pos:b")).isEqualTo(b.last().toString());
        assertThat(sink.committed()).isEqualTo(open);
        a.member(7, 1, true, "INCR", "a1");
        sink.restart().replicate(a);
        assertThat(redis.mget("a1", "b1"))
                .allSatisfy(value -> assertThat(value.getValue()).isEqualTo("2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void largeValuesGrowOneBesideTheOther(String delivery) {
        a.begin();
        b.begin();
        a.large("{s}a", "hash", null, hash("a"), () -> b.large("{s2}b", "hash", null, hash("b"), () -> {}));
        a.end(1);
        b.end(1);
        a.command("HSET", "{s}a", "more", "1");
        sink.with("delivery", delivery).start();
        for (int records = 3; records < a.end(); records += 3) {
            sink.put(a.from(0).subList(0, records));
            sink.restart();
        }
        sink.replicate(a);
        assertThat(redis.hlen("{s}a")).isEqualTo(FIELDS + 1);
        assertThat(redis.hlen("{s2}b")).isEqualTo(FIELDS);
        assertThat(redis.keys("__redis-cdc:big:*")).isEmpty();
    }

    /** The others' records are held, and not lost wherever it is stopped. */
    @ParameterizedTest
    @ValueSource(ints = {3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void aCommandThatIsStreamedMakesTheOtherShardsWait(int records) {
        a.begin().end(0);
        b.begin().end(0);
        byte[] whole = RespWriter.command("APPEND", "a1", "x".repeat(3_000));
        for (int i = 0; i * 600 < whole.length; i++) {
            int end = Math.min(whole.length, i * 600 + 600);
            byte[] data = Arrays.copyOfRange(whole, i * 600, end);
            a.piece(Op.COMMAND, "a1", new Command(new Piece(i, end == whole.length, Piece.RESP, end, data), null));
            b.command("INCR", "b1");
        }
        a.command("INCR", "a2");
        b.command("INCR", "b1");
        sink.with("transaction.max.bytes", "1024").start();
        sink.put(a.from(0).subList(0, records));
        assertThat(sink.committed()).isLessThanOrEqualTo(records);
        assertThat(redis.hget(CHECKPOINT, "offset"))
                .satisfies(offset -> assertThat(Integer.parseInt(offset)).isLessThanOrEqualTo(records));
        sink.restart();
        sink.replicate(a);
        assertThat(redis.strlen("a1")).isEqualTo(3_000);
        assertThat(redis.get("b1")).isEqualTo("7");
        assertThat(redis.get("a2")).isEqualTo("1");
    }

    @Test
    void whatWaitsIsBounded() {
        a.begin().end(0);
        b.begin().end(0);
        a.pieces(Op.COMMAND, null, 600, 5, "APPEND", "a1", "x".repeat(9_000));
        b.command("SET", "b1", "x".repeat(2_000));
        sink.with("transaction.max.bytes", "1024").start();
        assertThatThrownBy(() -> sink.put(a.from(0)))
                .hasMessageContaining(
                        "while the command whose pieces begin at changes-0@4 came, records of other shards")
                .hasMessageContaining("more than 1024 bytes at changes-0@9")
                .hasMessageContaining("raise transaction.max.bytes");
    }

    @Test
    void theFirstSnapshotOfAShardRemovesNothingThoughAnotherHasOneOpen() {
        a.begin().state("a1", "1");
        b.begin().state("b1", "1");
        a.end(1);
        b.state("b2", "2").end(2);
        a.event(Op.PUBLISH, "PUBLISH", "c", "m");
        sink.start().replicate(a);
        assertThat(redis.keys("[ab]*")).containsExactlyInAnyOrder("a1", "b1", "b2");
    }

    private static Consumer<ValueVisitor> hash(String prefix) {
        return value -> {
            for (int i = 0; i < FIELDS; i++) {
                value.hashField(bytes(prefix + i), bytes("value " + i), ValueVisitor.NEVER);
            }
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
