package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lettuce.core.KillArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Op;
import io.rediscdc.sink.expiry.Lift;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The task against a real server, fed with histories made by hand. */
class RedisSinkTaskIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";

    private final FakeContext context = new FakeContext();
    private final Feed feed = new Feed();
    private RedisServer server;
    private RedisSinkTask task;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        task = newTask(Map.of());
    }

    @AfterEach
    void stop() {
        task.stop();
        server.close();
    }

    @Test
    void appliesStatesOfAllTypes() {
        RedisCommands<String, String> redis = server.commands();
        redis.set("s", "x".repeat(100));
        redis.set("int", "-12345");
        redis.set("long", "abc".repeat(5000));
        redis.rpush("list", "a", "b", "c");
        redis.sadd("ints", "1", "2", "3");
        redis.sadd("set", "a", "b");
        redis.zadd("zset", 1.5, "m");
        redis.hset("hash", "f", "v");
        redis.xadd("stream", "f", "v");
        String[] keys = {"s", "int", "long", "list", "ints", "set", "zset", "hash", "stream"};
        long later = System.currentTimeMillis() + 100_000;
        redis.pexpireat("int", later);
        redis.pexpireat("hash", later);
        String digest = digest(keys);
        Map<String, byte[]> dumps = new HashMap<>();
        for (String key : keys) {
            dumps.put(key, redis.dump(key));
        }
        redis.flushall();
        task.close(List.of(Feed.PARTITION));
        task.open(List.of(Feed.PARTITION));
        redis.lpush("s", "of another type before");

        feed.begin();
        for (String key : keys) {
            feed.state(key, "any", dumps.get(key), key.equals("int") || key.equals("hash") ? later : null);
        }
        feed.state("gone", "string", dumps.get("s"), 1000L);
        feed.end(keys.length + 1);
        put(feed.from(0));

        assertThat(digest(keys)).isEqualTo(digest);
        assertThat(redis.pexpiretime("int")).isEqualTo(later);
        assertThat(redis.pexpiretime("hash")).isEqualTo(later);
        assertThat(redis.pttl("s")).isEqualTo(-1);
        assertThat(redis.pexpiretime("gone"))
                .as("its deletion is to come, unless it was renewed")
                .isEqualTo(Lift.up(1000));
        assertThat(redis.hgetall(CHECKPOINT))
                .containsEntry("format", "1")
                .containsEntry("flow", "test")
                .containsEntry("generation", "0")
                .containsEntry("topic", "changes")
                .containsEntry("partition", "0")
                .containsEntry("offset", Long.toString(feed.end()))
                .containsEntry("pos:main", feed.last().toString())
                .containsEntry("snapshot", "closed")
                .containsKeys("writer", "updated_ms")
                .containsEntry("snapshot_offset", "-1")
                .containsEntry("owned", "yes")
                .containsEntry("ttl", "exact")
                .hasSize(13);
        assertThat(committed()).isEqualTo(feed.end());
    }

    @Test
    void appliesCommandsInTheirDatabases() {
        feed.begin().end(0).command("SET", "a", "1").db(3).command("INCR", "n").command("INCR", "n");
        feed.db(0).command("APPEND", "a", "2").command("SET", "b", "x").del("b").heartbeat();
        feed.event(Op.FUNCTION, "FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() end)");
        feed.event(Op.FUNCTION, "FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() end)");
        feed.event(Op.PUBLISH, "PUBLISH", "channel", "message");
        put(feed.from(0));

        RedisCommands<String, String> redis = server.commands();
        assertThat(redis.get("a")).isEqualTo("12");
        assertThat(redis.exists("b")).isZero();
        redis.select(3);
        assertThat(redis.get("n")).isEqualTo("2");
        assertThat(redis.dbsize()).isEqualTo(1);
        assertThat(committed()).isEqualTo(feed.end());
    }

    @Test
    void skipsWhatIsAppliedAlready() {
        feed.begin().end(0).command("INCR", "n").command("INCR", "n");
        put(feed.from(0));
        put(feed.from(0));
        feed.command("INCR", "n");
        put(feed.from(1));
        assertThat(server.commands().get("n")).isEqualTo("3");

        restart();
        assertThat(context.offsets).containsEntry(Feed.PARTITION, feed.end());
        put(feed.from(0));
        feed.command("INCR", "n");
        put(feed.from(0));
        assertThat(server.commands().get("n")).isEqualTo("4");
    }

    @Test
    void stopsAtAGap() {
        feed.begin().end(0).command("INCR", "n");
        put(feed.from(0));
        String before = feed.last().toString();
        feed.lose().command("INCR", "n");
        assertThatThrownBy(() -> put(feed.from(3)))
                .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                        .isEqualTo(RedisCdcException.Category.GAP))
                .hasMessageContaining(before)
                .hasMessageContaining("changes-0@3");
        assertThat(server.commands().get("n")).isEqualTo("1");
    }

    @Test
    void stopsWhereTheCheckpointIsMissing() {
        feed.begin().end(0).command("INCR", "n");
        assertThatThrownBy(() -> put(feed.from(2)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("checkpoint is missing")
                .hasMessageContaining("changes-0@2");
    }

    @Test
    void holdsATransactionBackUntilItsEnd() {
        feed.begin().end(0).command("SET", "x", "0");
        feed.member(7, 0, false, "INCR", "a").member(7, 1, false, "INCR", "a");
        put(feed.from(0));
        assertThat(server.commands().exists("a")).isZero();
        assertThat(server.commands().get("x")).isEqualTo("0");
        assertThat(committed()).isEqualTo(3);

        feed.member(7, 2, true, "INCR", "a").command("INCR", "b");
        put(feed.from(5));
        assertThat(server.commands().get("a")).isEqualTo("3");
        assertThat(committed()).isEqualTo(feed.end());
    }

    @Test
    void appliesAHalfReadTransactionOnceAfterARestart() {
        feed.begin().end(0).member(7, 0, false, "INCR", "a");
        put(feed.from(0));
        feed.member(7, 1, true, "INCR", "a");
        restart();
        put(feed.from(context.offsets.get(Feed.PARTITION)));
        assertThat(server.commands().get("a")).isEqualTo("2");
    }

    @Test
    void neverSplitsATransaction() {
        task.stop();
        task = newTask(Map.of("batch.max.records", "2"));
        feed.begin().end(0);
        put(feed.from(0));
        feed.command("SET", "x", "0");
        for (int i = 0; i < 9; i++) {
            feed.member(7, i, i == 8, "INCR", "a");
        }
        feed.command("INCR", "a");
        server.commands().configResetstat();
        put(feed.from(2));
        assertThat(server.commands().get("a")).isEqualTo("10");
        // SET+transaction, INCR
        assertThat(server.commands().info("commandstats")).contains("cmdstat_exec:calls=2,");
    }

    @Test
    void marksItselfStuckWhereACommandFails() {
        feed.begin().end(0).command("SET", "s", "x").command("LPUSH", "s", "y").command("SET", "t", "z");
        Throwable failure = catchThrowable(() -> put(feed.from(0)));
        assertThat(failure)
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("LPUSH at changes-0@3")
                .hasMessageContaining("WRONGTYPE")
                .hasMessageContaining("HDEL " + CHECKPOINT + " stuck");
        RedisCommands<String, String> redis = server.commands();
        assertThat(redis.hget(CHECKPOINT, "stuck"))
                .contains("LPUSH at changes-0@3")
                .contains("WRONGTYPE");
        assertThat(redis.get("t")).isEqualTo("z");

        assertThatThrownBy(this::restart)
                .hasMessageContaining("LPUSH at changes-0@3")
                .hasMessageContaining("HDEL");
        redis.hdel(CHECKPOINT, "stuck");
        restart();
        feed.command("INCR", "n");
        put(feed.from(0));
        assertThat(redis.get("n")).isEqualTo("1");
    }

    @Test
    void keepsTheCheckpointOverFlushAndSwap() {
        RedisCommands<String, String> redis = server.commands();
        feed.begin().end(0).command("SET", "a", "1").event(Op.FLUSH, "FLUSHALL").command("SET", "b", "2");
        put(feed.from(0));
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("b", CHECKPOINT);

        feed.event(Op.FLUSH, "FLUSHDB", "ASYNC");
        put(feed.from(5));
        assertThat(redis.keys("*")).containsExactly(CHECKPOINT);

        feed.command("SET", "c", "3").event(Op.SWAPDB, "SWAPDB", "0", "5").command("SET", "d", "4");
        put(feed.from(6));
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("d", CHECKPOINT);
        redis.select(5);
        assertThat(redis.keys("*")).containsExactly("c");
        redis.select(0);

        restart();
        feed.event(Op.SWAPDB, "SWAPDB", "5", "0").command("INCR", "n");
        put(feed.from(0));
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("c", "n", CHECKPOINT);
        assertThat(redis.hget(CHECKPOINT, "pos:main")).isEqualTo(feed.last().toString());
    }

    @Test
    void isFencedByTheWriterThatTakesOver() {
        feed.begin().end(0).command("INCR", "n");
        put(feed.from(0));
        RedisSinkTask other = newTask(Map.of());
        try {
            feed.command("INCR", "n");
            assertThatThrownBy(() -> put(feed.from(3)))
                    .isInstanceOf(RedisCdcException.class)
                    .hasMessageContaining("another writer owns this flow");
            assertThat(server.commands().get("n")).isEqualTo("1");
            other.put(feed.from(3));
            other.put(List.of());
            assertThat(server.commands().get("n")).isEqualTo("2");
        } finally {
            other.stop();
        }
    }

    @Test
    void staysExactWhenConnectionsAreKilled() {
        feed.begin().end(0);
        long delivered = 0;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 200; i++) {
                feed.command("INCR", "n");
            }
            List<SinkRecord> batch = feed.from(delivered);
            deliver(batch);
            delivered = feed.end();
            if (round % 2 == 0) {
                killWriters();
            }
        }
        deliver(List.of());
        assertThat(server.commands().get("n")).isEqualTo("10000");
        assertThat(committed()).isEqualTo(feed.end());
    }

    @Test
    void goesBackWithATargetThatLostItsLastWrites() {
        server.close();
        server = RedisServer.start("--dbfilename", "dump.rdb");
        restart();
        feed.begin().end(0).command("INCR", "n").command("INCR", "n");
        put(feed.from(0));
        server.commands().save();
        feed.command("INCR", "n").command("INCR", "n");
        put(feed.from(4));
        assertThat(server.commands().get("n")).isEqualTo("4");

        server.kill();
        server.launch();
        context.offsets.clear();
        deliver(List.of());
        assertThat(context.offsets).containsEntry(Feed.PARTITION, 4L);
        feed.command("INCR", "n");
        put(feed.from(4));
        assertThat(server.commands().get("n")).isEqualTo("5");
    }

    @Test
    void namesACheckpointThatVanished() {
        feed.begin().end(0).command("INCR", "n");
        put(feed.from(0));
        server.commands().flushall();
        feed.command("INCR", "n");
        assertThatThrownBy(() -> put(feed.from(3)))
                .hasMessageContaining("the checkpoint " + CHECKPOINT)
                .hasMessageContaining("is gone");
    }

    @Test
    void triesAgainWhatPasses() {
        RedisCommands<String, String> redis = server.commands();
        feed.begin().end(0).command("INCR", "n");
        put(feed.from(0));
        redis.configSet("maxmemory", "1");
        feed.command("INCR", "n");
        put(feed.from(3), 1);
        assertThatThrownBy(() -> task.put(List.of()))
                .isInstanceOf(RetriableException.class)
                .hasMessageContaining("OOM")
                .hasMessageContaining("INCR of the record at changes-0@3");
        redis.configSet("maxmemory", "0");
        deliver(List.of());
        assertThat(redis.get("n")).isEqualTo("2");
    }

    @Test
    void appliesNothingOfABatchWithACommandTheTargetDoesNotKnow() {
        feed.begin().end(0).command("SET", "a", "1").command("NOSUCH", "secret-key", "secret-value");
        assertThatThrownBy(() -> put(feed.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("NOSUCH of the record at changes-0@3")
                .hasMessageContaining("unknown command")
                .hasMessageContaining("nothing of its batch")
                .hasMessageNotContaining("secret");
        assertThat(server.commands().exists("a")).isZero();
    }

    @Test
    void appliesNothingForADatabaseThatTheTargetDoesNotHave() {
        feed.begin().end(0).command("SET", "a", "1").db(99).command("SET", "b", "1");
        assertThatThrownBy(() -> put(feed.from(0))).hasMessageContaining("has no database 99");
        assertThat(server.commands().exists("a")).isZero();
    }

    @Test
    void refusesACheckpointKeyThatIsSomethingElse() {
        task.stop();
        server.commands().del(CHECKPOINT);
        server.commands().set(CHECKPOINT, "x");
        assertThatThrownBy(() -> newTask(Map.of())).hasMessageContaining("is no hash");
        server.commands().del(CHECKPOINT);
        server.commands().hset(CHECKPOINT, "format", "9");
        assertThatThrownBy(() -> newTask(Map.of())).hasMessageContaining("has format 9");
    }

    @Test
    void waitsForATargetThatIsNotThereYet() {
        task.stop();
        server.kill();
        task = newTask(Map.of());
        feed.begin().end(0).command("INCR", "n");
        assertThatThrownBy(() -> task.put(feed.from(0)))
                .isInstanceOf(RetriableException.class)
                .hasMessageContaining("cannot be reached");
        server.launch();
        deliver(feed.from(0));
        assertThat(server.commands().get("n")).isEqualTo("1");
    }

    @Test
    void leavesNoThreads() {
        task.stop();
        task.stop();
        new RedisSinkTask().stop();
        newTask(Map.of()).stop();
        Leaks leaks = Leaks.since();
        for (int i = 0; i < 100; i++) {
            newTask(Map.of()).stop();
        }
        leaks.assertNone();
        assertThat(server.commands().clientList()).doesNotContain("redis-cdc-sink");
    }

    private RedisSinkTask newTask(Map<String, String> options) {
        Map<String, String> props = new HashMap<>(options);
        props.put("name", "test");
        props.put("redis.address", server.address());
        RedisSinkTask created = new RedisSinkTask();
        created.initialize(context);
        created.start(props);
        try {
            created.open(List.of(Feed.PARTITION));
        } catch (RuntimeException e) {
            created.stop();
            throw e;
        }
        return created;
    }

    private void restart() {
        task.stop();
        context.offsets.clear();
        task = newTask(Map.of());
    }

    /** As the framework does: delivers, and looks in again soon after. */
    private void put(Collection<SinkRecord> records) {
        put(records, 2);
    }

    private void put(Collection<SinkRecord> records, int times) {
        task.put(records);
        for (int i = 1; i < times; i++) {
            task.put(List.of());
        }
    }

    /** The same, and again after RetriableException. */
    private void deliver(Collection<SinkRecord> records) {
        for (int i = 0; i < 10; i++) {
            try {
                put(records);
                return;
            } catch (RetriableException e) {
                assertThat(context.timeoutMs).isPositive();
            }
        }
        throw new AssertionError("no success in 10 attempts");
    }

    private long committed() {
        return task.preCommit(Map.of()).get(Feed.PARTITION).offset();
    }

    private String digest(String... keys) {
        return server.commands()
                .dispatch(
                        CommandType.DEBUG,
                        new ArrayOutput<>(StringCodec.UTF8),
                        new CommandArgs<>(StringCodec.UTF8).add("DIGEST-VALUE").addKeys(keys))
                .toString();
    }

    private void killWriters() {
        for (String line : server.commands().clientList().split("\n", -1)) {
            if (line.contains("name=redis-cdc-sink")) {
                String id = line.substring(3, line.indexOf(' '));
                server.commands().clientKill(KillArgs.Builder.id(Long.parseLong(id)));
            }
        }
    }
}
