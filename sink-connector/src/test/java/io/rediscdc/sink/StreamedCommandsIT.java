package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands larger than what is held go to the target as they come, and are executed once, with the last piece. */
class StreamedCommandsIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    private static final String TEXT = "0123456789".repeat(300);

    private final Feed feed = new Feed();
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun run;

    @BeforeEach
    void start() {
        begin(RedisServer.start());
    }

    private void begin(RedisServer target) {
        server = target;
        redis = server.commands();
        run = new SinkRun(server).with("redis.command.timeout.ms", "3000").with("transaction.max.bytes", "1024");
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
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

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void aRestartAtAnyPieceReadsItFromItsFirst(String delivery) {
        feed.begin().end(0);
        new RestartedSink(run.with("delivery", delivery), feed, redis).appliesWholeCommands(TEXT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cutConnectionsNeitherLoseNorDoubleIt(boolean requests) {
        Random random = new Random(3);
        feed.begin().end(0);
        for (int i = 0; i < 10; i++) {
            feed.pieces(400, "APPEND", "string" + i % 2, TEXT + i).command("INCR", "n");
        }
        int cuts = 0;
        for (int i = 0; i < 10; i++) {
            redis.flushall();
            try (CuttingProxy proxy = CuttingProxy.before(server.port())) {
                SinkRun cut = new SinkRun(server)
                        .with("redis.address", proxy.address())
                        .with("transaction.max.bytes", "1024");
                cut.start();
                try {
                    if (requests) {
                        proxy.cutRequestsAfter(2_000 + random.nextInt(25_000));
                    } else {
                        proxy.cutRepliesAfter(100 + random.nextInt(500));
                    }
                    cut.replicate(feed);
                } finally {
                    cut.stop();
                }
                cuts += proxy.cuts();
            }
            assertThat(redis.strlen("string0")).isEqualTo(5 * 3001L);
            assertThat(redis.strlen("string1")).isEqualTo(5 * 3001L);
            assertThat(redis.get("n")).isEqualTo("10");
        }
        assertThat(cuts).isGreaterThan(4);
    }

    /** The framework delivers the same again, while the connection has a part of it. */
    @Test
    void aSlowTargetIsWaitedFor() throws IOException {
        String large = "x".repeat(20_000_000);
        feed.begin().end(0).command("INCR", "n").pieces(700_000, "APPEND", "k", large);
        feed.command("INCR", "n");
        run.with("transaction.max.bytes", "1000000")
                .with("redis.command.timeout.ms", "60000")
                .start();
        List<SinkRecord> records = feed.from(0);
        int pauses = 0;
        try (Socket sleep = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            sleep.getOutputStream().write(bytes("DEBUG SLEEP 3\r\n"));
            sleep.getOutputStream().flush();
            for (boolean done = false; !done; ) {
                try {
                    run.put(records);
                    done = true;
                } catch (RetriableException e) {
                    pauses++;
                }
            }
        }
        run.rest();
        assertThat(pauses).isPositive();
        assertThat(run.metric("reconnects-total")).isZero();
        assertThat(redis.strlen("k")).isEqualTo(20_000_000);
        assertThat(redis.get("n")).isEqualTo("2");
    }

    /** Knowing of the pieces it has sent, and not knowing of them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceThatBeginsAgainSendsAnotherCommandFromItsFirstPiece(boolean knowing) {
        feed.begin().end(0);
        Feed.Place before = feed.place();
        feed.pieces(Op.COMMAND, null, 400, 5, "APPEND", "k", "another".repeat(900));
        long broken = feed.end();
        if (!knowing) {
            feed.goBack(before);
        }
        feed.pieces(500, "APPEND", "k", TEXT).command("INCR", "n");
        run.start().put(feed.from(0).subList(0, (int) broken));
        run.put(feed.from(broken));
        assertThat(redis.get("k")).isEqualTo(TEXT);
        assertThat(redis.get("n")).isEqualTo("1");
        run.restart().replicate(feed);
        assertThat(redis.get("k")).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceMayGoOnWithoutIt(boolean knowing) {
        feed.begin().end(0);
        Feed.Place before = feed.place();
        feed.pieces(Op.COMMAND, null, 400, 5, "APPEND", "k", TEXT);
        if (!knowing) {
            feed.goBack(before);
        }
        feed.command("INCR", "n").command("INCR", "n");
        run.start().put(feed.from(0));
        assertThat(redis.get("n")).isEqualTo("2");
        assertThat(redis.exists("k")).isZero();
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    @Test
    void aNewSnapshotTakesThePlaceOfACommandWithoutEnd() {
        feed.begin().end(0).pieces(Op.COMMAND, null, 400, 5, "APPEND", "k", TEXT);
        feed.begin().state("k", "v").end(1);
        run.start().replicate(feed);
        assertThat(redis.get("k")).isEqualTo("v");
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

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String[] hset(int fields) {
        String[] hset = new String[2 + 2 * fields];
        hset[0] = "HSET";
        hset[1] = "hash";
        for (int i = 0; i < fields; i++) {
            hset[2 + 2 * i] = "f" + i;
            hset[3 + 2 * i] = "v" + i;
        }
        return hset;
    }
}
