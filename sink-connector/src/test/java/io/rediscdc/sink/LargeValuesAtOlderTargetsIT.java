package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.record.ChangeCodec;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values in pieces, at targets that do not know all of their commands. */
class LargeValuesAtOlderTargetsIT {

    private static final String REDIS_2_8 = "redis-server-2.8.19";
    private static final String REDIS_6_2 = "redis-server-6.2.6-v5-linux-amd64";
    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    private static final long FAR = 4_000_000_000_000L;
    private static final int ELEMENTS = 500;

    private final Feed feed = new Feed();

    @ParameterizedTest
    @ValueSource(strings = {REDIS_2_8, REDIS_6_2})
    void everyTypeArrives(String target) {
        try (RedisServer server = RedisServer.startOf(target)) {
            RedisCommands<String, String> redis = server.commands();
            redis.set("stream", "from before");
            SinkRun run = new SinkRun(server).with("unsupported.policy", "drop");
            feed.begin()
                    .large("list", "list", FAR, value -> each(i -> value.listElement(bytes("e" + i))))
                    .large("set", "set", null, value -> each(i -> value.setMember(bytes("m" + i))))
                    .large("zset", "zset", null, value -> each(i -> value.zsetMember(bytes("m" + i), i / 4.0)))
                    .db(3)
                    .large("hash", "hash", FAR, value -> hash(value, ValueVisitor.NEVER))
                    .db(0)
                    .large("fields", "hash", null, value -> hash(value, FAR))
                    .large("stream", "stream", FAR, LargeValuesAtOlderTargetsIT::stream)
                    .large("string", "string", null, value -> each(i -> value.string(bytes("s"), i == ELEMENTS - 1)))
                    .end(7);
            run.start().deliver(feed.from(0));
            run.rest();

            boolean hasStreams = target.equals(REDIS_6_2);
            assertThat(redis.lrange("list", 0, -1))
                    .isEqualTo(
                            IntStream.range(0, ELEMENTS).mapToObj(i -> "e" + i).toList());
            assertThat(System.currentTimeMillis() + redis.pttl("list")).isBetween(FAR - 2_000, FAR + 2_000);
            assertThat(redis.scard("set")).isEqualTo(ELEMENTS);
            assertThat(redis.zcard("zset")).isEqualTo(ELEMENTS);
            assertThat(redis.zscore("zset", "m7")).isEqualTo(1.75);
            assertThat(redis.strlen("string")).isEqualTo(ELEMENTS);
            assertThat(redis.hlen("fields")).isEqualTo(ELEMENTS);
            assertThat(redis.exists("stream")).isEqualTo(hasStreams ? 1 : 0);
            if (hasStreams) {
                assertStream(redis);
            }
            assertThat(redis.hget(CHECKPOINT, "value")).isEmpty();
            assertThat(redis.hget(CHECKPOINT, "stuck")).isNull();
            assertThat(redis.keys("__redis-cdc:big:*")).isEmpty();
            redis.select(3);
            assertThat(redis.keys("*")).containsExactly("hash");
            assertThat(redis.hlen("hash")).isEqualTo(ELEMENTS);
            assertThat(redis.hget("hash", "f9")).isEqualTo("9");
            assertThat(redis.pttl("hash")).isPositive();
            // A stream is left out with its first piece.
            assertThat(run.metric("omissions-total")).isEqualTo(hasStreams ? fieldPieces() : fieldPieces() + 1);
            run.stop();
        }
    }

    @Test
    void goesOnAfterARestartAtAnyPiece() {
        try (RedisServer server = RedisServer.startOf(REDIS_2_8)) {
            SinkRun run = new SinkRun(server).with("unsupported.policy", "drop");
            feed.begin()
                    .large("hash", "hash", null, value -> hash(value, ValueVisitor.NEVER))
                    .large("stream", "stream", null, LargeValuesAtOlderTargetsIT::stream)
                    .end(2);
            run.start();
            for (int i = 0; i < feed.end() - 1; i++) {
                long from = Math.max(0, run.position());
                run.put(feed.from(from).subList(0, (int) (i + 1 - from)));
                run.restart();
            }
            run.replicate(feed);
            assertThat(server.commands().hlen("hash")).isEqualTo(ELEMENTS);
            assertThat(server.commands().keys("*")).containsExactlyInAnyOrder("hash", CHECKPOINT);
            run.stop();
        }
    }

    @Test
    void stopsByDefault() {
        try (RedisServer server = RedisServer.startOf(REDIS_2_8)) {
            SinkRun run = new SinkRun(server).start();
            feed.begin().large("stream", "stream", null, LargeValuesAtOlderTargetsIT::stream);
            assertThatThrownBy(() -> run.put(feed.from(0)))
                    .hasMessageContaining("the record at changes-0@1")
                    .hasMessageContaining("(stream)")
                    .hasMessageContaining("unsupported.policy");
            run.stop();
        }
        try (RedisServer server = RedisServer.startOf(REDIS_6_2)) {
            SinkRun run = new SinkRun(server).start();
            Feed fields = new Feed().begin().large("hash", "hash", null, value -> hash(value, FAR));
            assertThatThrownBy(() -> run.put(fields.from(0)))
                    .hasMessageContaining("hash-field-expiry")
                    .hasMessageContaining("unsupported.policy");
            assertThat(server.commands().exists("hash")).isZero();
            run.stop();
        }
    }

    private static void assertStream(RedisCommands<String, String> redis) {
        assertThat(redis.xlen("stream")).isEqualTo(ELEMENTS);
        assertThat(redis.pttl("stream")).isPositive();
        assertThat(redis.xinfoStream("stream").toString()).contains("777-0");
        assertThat(redis.xpending("stream", "g").getCount()).isEqualTo(2);
        assertThat(redis.xinfoGroups("stream").toString()).contains("g", "1-3");
        assertThat(redis.xinfoConsumers("stream", "g").toString()).contains("busy", "idle");
    }

    /** Pieces in which fields get times. */
    private static long fieldPieces() {
        ChangeCodec codec = new ChangeCodec();
        Feed alone = new Feed().large("fields", "hash", null, value -> hash(value, FAR));
        return alone.from(0).stream()
                .map(record -> codec.change(record.key(), record.value()))
                .map(change -> new String(change.state().piece().data(), StandardCharsets.ISO_8859_1))
                .filter(commands -> commands.contains("HPEXPIREAT"))
                .count();
    }

    private static void hash(ValueVisitor value, long expireAtMs) {
        each(i -> value.hashField(bytes("f" + i), bytes(Integer.toString(i)), expireAtMs));
    }

    private static void stream(ValueVisitor value) {
        StreamVisitor stream = value.stream();
        each(i -> stream.entry(new StreamId(1, i + 1), new byte[][] {bytes("f"), bytes("v" + i)}));
        stream.info(new StreamVisitor.Info(
                ELEMENTS,
                new StreamId(777, 0),
                new StreamVisitor.Counters(new StreamId(1, 1), new StreamId(5, 5), 9999)));
        stream.group(bytes("g"), new StreamId(1, 3), 3);
        stream.consumer(bytes("busy"), 1, 1);
        stream.pending(new StreamId(1, 2), 5, 2);
        stream.pending(new StreamId(1, 3), 5, 2);
        stream.consumer(bytes("idle"), 1, 1);
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
