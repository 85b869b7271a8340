package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.value.ValueVisitor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that the target has before the first snapshot brings them, under each policy. */
class ExistingKeysIT {

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
        run = new SinkRun(server);
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void skippedOnesStayAndTheOthersCome(String delivery) {
        redis.select(2);
        redis.set("theirs", "x");
        redis.select(0);
        redis.set("theirs", "x");
        run.with("exists.policy", "skip")
                .with("delivery", delivery)
                .with("batch.max.records", "3")
                .start();
        feed.begin().state("a", "1").db(2).state("theirs", "1").state("b", "1");
        run.put(feed.from(0));
        run.restart();
        feed.db(0)
                .state("theirs", "1")
                .db(1)
                .state("theirs", "1")
                .db(0)
                .state("c", "1")
                .end(6);
        feed.command("SET", "after", "1").command("APPEND", "theirs", "y");
        run.replicate(feed);
        assertThat(redis.get("theirs")).isEqualTo("xy");
        assertThat(redis.mget("a", "c", "after"))
                .allMatch(each -> each.getValue().equals("1"));
        redis.select(1);
        assertThat(redis.get("theirs")).isEqualTo("1");
        redis.select(2);
        assertThat(redis.get("theirs")).isEqualTo("x");
        assertThat(redis.get("b")).isEqualTo("1");
        assertThat(run.metric("existing-keys-total")).isEqualTo(1);

        // A later snapshot says how things are.
        feed.db(0).begin().state("theirs", "2").end(1);
        run.replicate(feed);
        redis.select(0);
        assertThat(redis.get("theirs")).isEqualTo("2");
    }

    @Test
    void oneOfThemIsReasonToStop() {
        redis.set("theirs", "x");
        run.with("exists.policy", "fail").start();
        feed.begin().state("a", "1").state("theirs", "1").end(2);
        assertThatThrownBy(() -> run.replicate(feed))
                .hasMessageContaining("had 1 keys of the snapshot already")
                .hasMessageContaining("changes-0@2")
                .hasMessageContaining("exists.policy")
                .hasMessageNotContaining("theirs");
        assertThat(redis.exists("a")).isZero();
        redis.del("theirs");
        run.restart();
        run.replicate(feed);
        assertThat(redis.get("theirs")).isEqualTo("1");
    }

    @Test
    void aFirstSnapshotThatBreaksOffLeavesNothingToTellThemBy() {
        run.with("exists.policy", "skip").start();
        feed.begin().state("a", "1");
        run.put(feed.from(0));
        feed.begin().state("a", "2").end(1);
        assertThatThrownBy(() -> run.put(feed.from(2)))
                .hasMessageContaining("broke off")
                .hasMessageContaining("changes-0@2");
        run.with("exists.policy", "replace").restart();
        run.replicate(feed);
        assertThat(redis.get("a")).isEqualTo("2");
    }

    @Test
    void elementsAreAddedToWhatIsThere() throws IOException {
        Saved saved = Saved.by("7.0");
        for (RdbItem.Key key : saved.keys()) {
            server.bytes().select(key.db());
            switch (key.type().typeName()) {
                case "hash" -> server.bytes().hset(key.key(), new byte[] {1}, new byte[] {1});
                case "set" -> server.bytes().sadd(key.key(), new byte[] {1});
                case "zset" -> server.bytes().zadd(key.key(), 1, new byte[] {1});
                default -> server.bytes().set(key.key(), new byte[] {1});
            }
        }
        run.with("merge.policy", "merge").start();
        run.replicate(saved.feed());
        int merged = 0;
        for (RdbItem.Key key : saved.keys()) {
            server.bytes().select(key.db());
            boolean collection = key.type().typeName().matches("hash|set|zset");
            assertThat(Saved.lines(server.bytes().dump(key.key()), saved.flavour()))
                    .hasSize(Saved.lines(key.dump(), saved.flavour()).size() + (collection ? 1 : 0))
                    .containsAll(Saved.lines(key.dump(), saved.flavour()));
            merged += collection ? 1 : 0;
        }
        assertThat(merged).isGreaterThan(10);
    }

    @ParameterizedTest
    @CsvSource({"exactly_once,false", "at_least_once,false", "exactly_once,true", "at_least_once,true"})
    void piecesOfOneThatIsThereAreNotForIt(String delivery, boolean isEmpty) {
        redis.select(2);
        redis.set("theirs", "x");
        redis.select(0);
        redis.hset("theirs", "f", "x");
        run.with("exists.policy", "skip")
                .with("delivery", delivery)
                .with("batch.max.records", "3")
                .start();
        Consumer<ValueVisitor> value = isEmpty ? none -> {} : ExistingKeysIT::fields;
        feed.begin()
                .state("a", "1")
                .large("theirs", "hash", FAR, value)
                .large("ours", "hash", FAR, ExistingKeysIT::fields)
                .db(2);
        feed.large("theirs", "set", null, ExistingKeysIT::members).db(0).end(4);
        run.replicate(feed);
        assertThat(redis.hgetall("theirs")).isEqualTo(Map.of("f", "x"));
        assertThat(redis.ttl("theirs")).isEqualTo(-1);
        assertThat(redis.hlen("ours")).isEqualTo(ELEMENTS);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("a", "theirs", "ours", CHECKPOINT);
        redis.select(2);
        assertThat(redis.keys("*")).containsExactly("theirs");
        assertThat(redis.get("theirs")).isEqualTo("x");
        assertThat(run.metric("existing-keys-total")).isEqualTo(2);
    }

    @Test
    void theLastPieceOfOneThatIsThereIsReasonToStop() {
        redis.set("theirs", "x");
        run.with("exists.policy", "fail").with("batch.max.records", "2").start();
        feed.begin().large("theirs", "set", null, ExistingKeysIT::members).end(1);
        assertThatThrownBy(() -> run.replicate(feed)).hasMessageContaining("had 1 keys of the snapshot already");
        assertThat(redis.get("theirs")).isEqualTo("x");
        redis.del("theirs");
        run.restart();
        run.replicate(feed);
        assertThat(redis.scard("theirs")).isEqualTo(ELEMENTS);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("theirs", CHECKPOINT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void piecesAreAddedToWhatIsThere(String delivery) {
        redis.hset("hash", Map.of("f1", "old", "mine", "1"));
        redis.sadd("set", "m1", "mine");
        redis.zadd("zset", 77, "m1");
        redis.zadd("zset", 78, "mine");
        redis.expire("zset", 1000);
        redis.rpush("list", "mine");
        run.with("merge.policy", "merge").with("delivery", delivery).start();
        feed.begin()
                .large("hash", "hash", FAR, ExistingKeysIT::fields)
                .large("set", "set", null, ExistingKeysIT::members)
                .large("zset", "zset", null, ExistingKeysIT::scores)
                .large("list", "list", null, value -> each(i -> value.listElement(bytes("m" + i))))
                .end(4);
        // A restart after each piece: none is forgotten, none is taken for one that has to be built beside the key.
        for (int i = 0; i < feed.end() - 1; i++) {
            long from = Math.max(0, run.position());
            run.put(feed.from(from).subList(0, (int) (i + 1 - from)));
            run.restart();
        }
        // Who restarts that often is behind, and knows from the next record that it is not any more.
        feed.heartbeat();
        run.replicate(feed);
        run.rest();
        assertThat(redis.hlen("hash")).isEqualTo(ELEMENTS + 1);
        assertThat(redis.hget("hash", "f1")).isEqualTo("1");
        assertThat(redis.pexpiretime("hash")).isEqualTo(FAR);
        assertThat(redis.scard("set")).isEqualTo(ELEMENTS + 1);
        assertThat(redis.zcard("zset")).isEqualTo(ELEMENTS + 1);
        assertThat(redis.zscore("zset", "m1")).isEqualTo(0.25);
        assertThat(redis.ttl("zset")).isPositive();
        assertThat(redis.llen("list")).isEqualTo(ELEMENTS);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("hash", "set", "zset", "list", CHECKPOINT);
    }

    @ParameterizedTest
    @CsvSource({"merge,replace", "replace,merge"})
    void aValueEndsAsItWasBegun(String begun, String then) {
        redis.sadd("set", "mine");
        feed.begin().large("set", "set", null, ExistingKeysIT::members).end(1);
        run.with("merge.policy", begun).start().put(feed.from(0).subList(0, 3));
        run.with("merge.policy", then).restart();
        run.replicate(feed);
        assertThat(redis.scard("set")).isEqualTo(begun.equals("merge") ? ELEMENTS + 1 : ELEMENTS);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("set", CHECKPOINT);
    }

    private static void fields(ValueVisitor value) {
        each(i -> value.hashField(bytes("f" + i), bytes(Integer.toString(i)), ValueVisitor.NEVER));
    }

    private static void members(ValueVisitor value) {
        each(i -> value.setMember(bytes("m" + i)));
    }

    private static void scores(ValueVisitor value) {
        each(i -> value.zsetMember(bytes("m" + i), i / 4.0));
    }

    private static void each(IntConsumer element) {
        IntStream.range(0, ELEMENTS).forEach(element);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
