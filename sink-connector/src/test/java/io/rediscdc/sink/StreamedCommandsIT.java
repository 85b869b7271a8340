package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands larger than what is held go to the target as they come, and are executed once, with the last piece. */
class StreamedCommandsIT extends LargeCommandBed {

    StreamedCommandsIT() {
        super(Way.STREAMED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void everyCommandArrives(String delivery) {
        feed.begin().state("first", "1").end(1);
        feed.pieces(700, "SET", "string", TEXT)
                .pieces(701, "APPEND", "string", TEXT)
                .pieces(64, "MSET", "a", TEXT, "b", "", "c", TEXT + TEXT)
                .command("INCR", "n")
                .pieces(702, hset(1000))
                .pieces(703, "SET", "expiring", TEXT, "KEEPTTL", "GET")
                .pieces(703, "SET", "expiring", TEXT, "NX", "PXAT", "4000000000000")
                .pieces(40, "set", "in seconds", TEXT, "ex", "1000")
                .pieces(703, "SETEX", "old", "1000", TEXT)
                .pieces(703, "PSETEX", "older", "1000000", TEXT)
                .pieces(704, "EVAL", "redis.call('set', KEYS[1], ARGV[1])", "1", "scripted", TEXT)
                .pieces(
                        705,
                        Stream.concat(Stream.of("DEL"), IntStream.range(0, 500).mapToObj(i -> "gone" + i))
                                .toArray(String[]::new))
                .pieces(Op.PUBLISH, null, 706, 99, "PUBLISH", "channel", TEXT);
        feed.db(3)
                .pieces(707, "RPUSH", "list", TEXT, "x")
                .command("RPUSH", "list", "y")
                .db(0);
        redis.set("gone7", "x");

        run.with("delivery", delivery).start().deliver(feed.from(0));
        run.rest();

        assertThat(run.committed()).isEqualTo(feed.end());
        assertThat(redis.get("string")).isEqualTo(TEXT + TEXT);
        assertThat(redis.mget("a", "b", "c"))
                .extracting(pair -> pair.getValueOrElse("none"))
                .containsExactly(TEXT, "", TEXT + TEXT);
        assertThat(redis.hlen("hash")).isEqualTo(1000);
        assertThat(redis.hget("hash", "f999")).isEqualTo("v999");
        assertThat(redis.get("expiring")).isEqualTo(TEXT);
        assertThat(redis.pttl("in seconds")).isBetween(900_000L, 1_000_000L);
        assertThat(redis.pttl("old")).isBetween(900_000L, 1_000_000L);
        assertThat(redis.pttl("older")).isBetween(900_000L, 1_000_000L);
        assertThat(redis.get("scripted")).isEqualTo(TEXT);
        assertThat(redis.exists("gone7")).isZero();
        redis.select(3);
        assertThat(redis.lrange("list", 0, -1)).containsExactly(TEXT, "x", "y");
    }

    /** Also where it has passed by the target's clock: the history will say whether the key dies. */
    @ParameterizedTest
    @ValueSource(longs = {1_000_000, -20_000})
    void expireTimesAreLiftedAsThoseOfOthers(long inMs) {
        long now = System.currentTimeMillis();
        long at = now + inMs;
        feed.begin().end(0).age(60_000);
        feed.pieces(700, "SET", "set", TEXT, "PXAT", Long.toString(at))
                .pieces(700, "SETEX", "setex", Long.toString(60 + inMs / 1000), TEXT)
                .pieces(700, "SET", "px", TEXT, "PX", Long.toString(60_000 + inMs));
        run.start().deliver(feed.from(0));
        assertThat(List.of("set", "setex", "px"))
                .allSatisfy(key -> assertThat(redis.pexpiretime(key)).isGreaterThan(now * 2));
        long next = feed.end();
        feed.age(0).command("PERSIST", "px").heartbeat();
        run.deliver(feed.from(next));
        run.rest();
        assertThat(redis.get("px")).isEqualTo(TEXT);
        assertThat(redis.pexpiretime("px")).isEqualTo(-1);
        if (inMs > 0) {
            assertThat(redis.pexpiretime("set")).isEqualTo(at);
            assertThat(redis.pexpiretime("setex")).isBetween(at + 30_000, at + 65_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "4000000000000", "1000000"})
    void whatIsRestoredExpiresWhenItShould(String ttl) {
        redis.rpush("source", IntStream.range(0, 2000).mapToObj(i -> "e" + i).toArray(String[]::new));
        byte[] dump = server.bytes().dump(bytes("source"));
        boolean isAbsolute = ttl.length() > 8;
        RespBuffer command = new RespBuffer(16).begin(isAbsolute ? 6 : 5);
        command.arg("RESTORE").arg("k").arg(ttl).arg(dump).arg("REPLACE");
        if (isAbsolute) {
            command.arg("ABSTTL");
        }
        feed.begin().end(0);
        byte[] whole = command.toByteArray();
        for (int i = 0; i * 100 < whole.length; i++) {
            int end = Math.min(whole.length, i * 100 + 100);
            byte[] data = Arrays.copyOfRange(whole, i * 100, end);
            feed.piece(Op.COMMAND, "k", new Command(new Piece(i, end == whole.length, Piece.RESP, end, data), null));
        }
        run.start().replicate(feed);
        run.rest();
        assertThat(redis.lindex("k", -1)).isEqualTo("e1999");
        if (ttl.equals("0")) {
            assertThat(redis.pexpiretime("k")).isEqualTo(-1);
        } else if (isAbsolute) {
            assertThat(redis.pexpiretime("k")).isEqualTo(4_000_000_000_000L);
        } else {
            assertThat(redis.pttl("k")).isBetween(900_000L, 1_000_000L);
        }
    }

    /** No SET with PXAT, no UNLINK, no HSET of several fields. */
    @Test
    void olderTargetsGetThemAsTheyKnowThem() {
        stop();
        begin(RedisServer.startOf("redis-server-2.8.19"));
        feed.begin().state("gone0", "1").end(1);
        feed.pieces(500, "SET", "k", TEXT, "PXAT", "4000000000000")
                .pieces(500, hset(500))
                .pieces(
                        500,
                        Stream.concat(
                                        Stream.of("UNLINK"),
                                        IntStream.range(0, 500).mapToObj(i -> "gone" + i))
                                .toArray(String[]::new));
        run.start().replicate(feed);
        run.rest();
        assertThat(redis.get("k")).isEqualTo(TEXT);
        assertThat(redis.pttl("k"))
                .isBetween(
                        4_000_000_000_000L - System.currentTimeMillis() - 2_000,
                        4_000_000_000_000L - System.currentTimeMillis() + 100);
        assertThat(redis.hlen("hash")).isEqualTo(500);
        assertThat(redis.exists("gone0")).isZero();
    }
}
