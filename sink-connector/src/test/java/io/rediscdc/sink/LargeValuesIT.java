package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.model.Piece;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that come in pieces become keys with the last piece, whatever happens in between. */
class LargeValuesIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    private static final long FAR = 4_000_000_000_000L;
    private static final int ELEMENTS = 500;

    private final Feed feed = new Feed();
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        run = new SinkRun(server).with("redis.command.timeout.ms", "3000");
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void everyTypeArrives() {
        feed.begin()
                .large("list", "list", FAR, LargeValuesIT::list)
                .large("set", "set", null, value -> each(i -> value.setMember(bytes("m" + i))))
                .large("zset", "zset", null, value -> each(i -> value.zsetMember(bytes("m" + i), i / 4.0)));
        feed.db(3)
                .large("hash", "hash", FAR, LargeValuesIT::hash)
                .large("a}{b}", "stream", null, LargeValuesIT::stream)
                .db(0);
        feed.large("string", "string", null, value -> each(i -> value.string(bytes("s" + i), i == ELEMENTS - 1)))
                .end(6);
        run.with("unsupported.policy", "drop").start().deliver(feed.from(0));
        run.rest();

        assertThat(redis.keys("*")).containsExactlyInAnyOrder("list", "set", "zset", "string", CHECKPOINT);
        assertList();
        assertThat(redis.pexpiretime("list")).isEqualTo(FAR);
        assertThat(redis.scard("set")).isEqualTo(ELEMENTS);
        assertThat(redis.zscore("zset", "m7")).isEqualTo(1.75);
        assertThat(redis.get("string")).startsWith("s0s1s2").endsWith("s" + (ELEMENTS - 1));
        assertThat(redis.hget(CHECKPOINT, "value")).isEmpty();
        redis.select(3);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("hash", "a}{b}");
        assertThat(redis.hlen("hash")).isEqualTo(ELEMENTS);
        assertThat(redis.hget("hash", "f9")).isEqualTo("9");
        assertThat(redis.pexpiretime("hash")).isEqualTo(FAR);
        assertThat(redis.xlen("a}{b}")).isEqualTo(ELEMENTS);
        assertThat(redis.xpending("a}{b}", "g").getCount()).isEqualTo(2);
        assertThat(redis.xinfoStream("a}{b}").toString()).contains("777-0", "9999");
    }

    @Test
    void untilTheLastPieceTheKeyIsAsItWas() {
        redis.hset("list", "from", "before");
        redis.expire("list", 1000);
        feed.begin().large("list", "list", null, LargeValuesIT::list).end(1);
        run.start();
        for (int i = 0; i < feed.end() - 2; i++) {
            run.put(feed.from(i).subList(0, 1));
            assertThat(redis.hget("list", "from")).isEqualTo("before");
            assertThat(redis.hget(CHECKPOINT, "offset")).isEqualTo(Integer.toString(i + 1));
        }
        run.put(feed.from(feed.end() - 2));
        assertList();
        assertThat(redis.ttl("list")).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void goesOnAfterARestartAtAnyPiece(String delivery) {
        feed.begin()
                .state("first", "1")
                .large("list", "list", null, LargeValuesIT::list)
                .end(2);
        run.with("delivery", delivery).start();
        for (int i = 0; i < feed.end() - 1; i++) {
            long from = Math.max(0, run.position());
            run.put(feed.from(from).subList(0, (int) (i + 1 - from)));
            RedisSinkTask old = run.abandon();
            run.start();
            old.stop();
            assertThat(redis.exists("list")).isEqualTo(i >= feed.end() - 2 ? 1 : 0);
        }
        run.replicate(feed);
        assertList();
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("first", "list", CHECKPOINT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void cutConnectionsNeitherLoseNorDoubleAnElement(String delivery) {
        feed.begin()
                .state("first", "1")
                .large("list", "list", null, LargeValuesIT::list)
                .end(2);
        CutSink sink = new CutSink(server, feed, 1_000, 8_000)
                .with("batch.max.records", "2")
                .with("delivery", delivery);
        for (int i = 0; i < 12; i++) {
            sink.replicate(i % 2 == 0);
            assertList();
            assertThat(redis.keys("*")).containsExactlyInAnyOrder("first", "list", CHECKPOINT);
        }
        assertThat(sink.cuts()).isGreaterThan(6);
    }

    @Test
    void whatIsNeverFinishedIsRemoved() {
        feed.begin().db(2).large("list", "list", null, LargeValuesIT::list).db(0);
        run.start().put(feed.from(0).subList(0, 4));
        redis.select(2);
        assertThat(redis.keys("*")).singleElement().asString().startsWith("__redis-cdc:big:{");
        redis.select(0);

        // As the topic is where the source broke off there.
        Feed again = feed.broken(4);
        again.begin().state("k", "v").end(1);
        run.deliver(again.from(4));

        redis.select(2);
        assertThat(redis.keys("*")).isEmpty();
        redis.select(0);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("k", CHECKPOINT);
    }

    @Test
    void anotherSnapshotKeepsTheKeyAndSweepsWhatItDoesNotHave() {
        feed.begin()
                .large("list", "list", null, LargeValuesIT::list)
                .state("gone", "1")
                .end(2);
        run.start().deliver(feed.from(0));
        redis.set("__redis-cdc:big:{x}:another:changes:0", "stays");
        long second = feed.end();
        feed.begin().large("list", "list", null, LargeValuesIT::list).end(1);
        run.deliver(feed.from(second).subList(0, 5));
        run.restart();
        run.replicate(feed);
        assertList();
        assertThat(redis.keys("*"))
                .containsExactlyInAnyOrder("list", "__redis-cdc:big:{x}:another:changes:0", CHECKPOINT);
    }

    @Test
    void aValueThatTurnsOutEmptyIsNoKey() {
        redis.set("zset", "from before");
        feed.begin().large("zset", "zset", null, value -> value.zsetMember(bytes("m"), Double.NaN));
        feed.large("hash", "hash", null, value -> {}).end(2);
        run.start().deliver(feed.from(0));
        assertThat(redis.keys("*")).containsExactly(CHECKPOINT);
    }

    @Test
    void namesWhatIsOutOfOrder() {
        Piece first = new Piece(0, false, Piece.COMMANDS, 1, bytes("*3\r\n$5\r\nRPUSH\r\n$0\r\n\r\n$1\r\na\r\n"));
        Piece second = new Piece(1, true, Piece.COMMANDS, 2, first.data());
        assertRefused(new Feed().begin().piece("k", "list", null, second), "piece 1 of a large value follows none");
        assertRefused(
                new Feed().begin().piece("k", "list", null, first).piece("j", "list", null, second),
                "piece 1 of a large value follows those of another key");
        assertRefused(
                new Feed()
                        .begin()
                        .piece("k", "list", null, first)
                        .piece("k", "list", null, new Piece(2, true, Piece.COMMANDS, 2, first.data())),
                "piece 2 of a large value follows");
        assertRefused(
                new Feed()
                        .begin()
                        .piece("k", "list", null, first)
                        .piece("k", "list", null, new Piece(1, true, Piece.COMMANDS, 3, first.data())),
                "brings it to 2 elements and says 3");
        assertRefused(new Feed().begin().piece("k", "list", null, first).end(0), "and not the last");
        assertThat(redis.exists("k", "j")).isZero();
    }

    private void assertRefused(Feed history, String words) {
        run.start();
        assertThatThrownBy(() -> run.put(history.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining(words)
                .hasMessageContaining("changes-0@");
        run.stop();
        redis.flushall();
    }

    private void assertList() {
        assertThat(redis.lrange("list", 0, -1))
                .isEqualTo(IntStream.range(0, ELEMENTS).mapToObj(i -> "e" + i).toList());
    }

    private static void list(ValueVisitor value) {
        each(i -> value.listElement(bytes("e" + i)));
    }

    private static void hash(ValueVisitor value) {
        // Times that this target does not know.
        each(i -> value.hashField(bytes("f" + i), bytes(Integer.toString(i)), i % 3 == 0 ? FAR : ValueVisitor.NEVER));
    }

    private static void stream(ValueVisitor value) {
        StreamVisitor stream = value.stream();
        each(i -> stream.entry(new StreamId(1, i + 1), new byte[][] {bytes("f"), bytes("v" + i)}));
        stream.info(new StreamVisitor.Info(
                ELEMENTS,
                new StreamId(777, 0),
                new StreamVisitor.Counters(new StreamId(1, 1), new StreamId(5, 5), 9999)));
        stream.group(bytes("g"), new StreamId(1, 3), 3);
        stream.consumer(bytes("c"), 1, 1);
        stream.pending(new StreamId(1, 2), 5, 2);
        stream.pending(new StreamId(1, 3), 5, 2);
    }

    private static void each(Consumer<Integer> element) {
        for (int i = 0; i < ELEMENTS; i++) {
            element.accept(i);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
