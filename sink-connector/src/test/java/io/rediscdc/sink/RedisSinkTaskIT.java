package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Op;
import io.rediscdc.sink.expiry.Lift;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of records: the task against a real server, fed with histories made by hand. */
class RedisSinkTaskIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";

    private final Feed feed = new Feed();
    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        run = new SinkRun(server).start();
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    /** Those of 3 come into 0, those of 0 are left out, and what somebody else has in 3 at the target stays. */
    @Test
    void databasesHaveOtherNumbersAtTheTarget() {
        RedisCommands<String, String> redis = server.commands();
        redis.select(3);
        redis.set("foreign", "1");
        run.stop();
        run.with("db.map", "3:0,0:drop").with("target.exclusive", "true").start();
        feed.begin().state("zero", "x");
        feed.db(3).state("k", "1").state("old", "1").db(5).state("five", "5").end(4);
        feed.db(0).command("SET", "zero", "y").db(3).command("INCR", "k");
        feed.member(7, 0, false, "INCR", "k").db(0).member(7, 1, true, "INCR", "zero");
        feed.db(5).command("MOVE", "five", "3");
        feed.db(3).command("COPY", "k", "copy", "DB", "5").command("COPY", "k", "lost", "REPLACE", "DB", "0");
        feed.command("SET", "leaving", "1").command("MOVE", "leaving", "0");
        run.put(feed.from(0));
        assertThat(keys(0)).containsExactlyInAnyOrder("k", "old", "five");
        assertThat(redis.get("k")).isEqualTo("3");
        assertThat(keys(5)).containsExactly("copy");
        assertThat(run.metric("dropped-total")).isEqualTo(4);

        long end = feed.end();
        feed.event(Op.SWAPDB, "SWAPDB", "3", "5").db(0).event(Op.FLUSH, "FLUSHDB");
        run.put(feed.from(end));
        assertThat(keys(0)).containsExactly("copy");
        assertThat(keys(5)).containsExactlyInAnyOrder("k", "old", "five");

        end = feed.end();
        feed.begin().db(5).state("k", "4").db(3).state("three", "3").end(2);
        run.put(feed.from(end));
        assertThat(keys(0)).containsExactly("three");
        assertThat(keys(5)).containsExactly("k");

        end = feed.end();
        feed.event(Op.FLUSH, "FLUSHALL").command("SET", "after", "1");
        run.put(feed.from(end));
        assertThat(keys(0)).containsExactly("after");
        assertThat(keys(5)).isEmpty();
        assertThat(keys(3)).as("never touched").containsExactly("foreign");

        run.restart();
        feed.event(Op.SWAPDB, "SWAPDB", "0", "3");
        assertThatThrownBy(() -> run.put(feed.from(feed.end() - 1)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("a SWAPDB of a database with one that db.map leaves out ([0])");
    }

    private List<String> keys(int db) {
        RedisCommands<String, String> redis = server.commands();
        redis.select(db);
        List<String> keys = redis.keys("[a-z]*");
        redis.select(0);
        return keys;
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
        run.restart();
        redis.lpush("s", "of another type before");

        feed.begin();
        for (String key : keys) {
            feed.state(key, "any", dumps.get(key), key.equals("int") || key.equals("hash") ? later : null);
        }
        feed.state("gone", "string", dumps.get("s"), 1000L);
        feed.end(keys.length + 1);
        run.put(feed.from(0));

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
                .containsEntry("value", "")
                .containsEntry("losses", "")
                .hasSize(15);
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    @Test
    void appliesCommandsInTheirDatabases() {
        feed.begin().end(0).command("SET", "a", "1").db(3).command("INCR", "n").command("INCR", "n");
        feed.db(0).command("APPEND", "a", "2").command("SET", "b", "x").del("b").heartbeat();
        feed.event(Op.FUNCTION, "FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() end)");
        feed.event(Op.FUNCTION, "FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() end)");
        feed.event(Op.PUBLISH, "PUBLISH", "channel", "message");
        run.put(feed.from(0));

        RedisCommands<String, String> redis = server.commands();
        assertThat(redis.get("a")).isEqualTo("12");
        assertThat(redis.exists("b")).isZero();
        redis.select(3);
        assertThat(redis.get("n")).isEqualTo("2");
        assertThat(redis.dbsize()).isEqualTo(1);
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    @Test
    void skipsWhatIsAppliedAlready() {
        feed.begin().end(0).command("INCR", "n").command("INCR", "n");
        run.put(feed.from(0));
        run.put(feed.from(0));
        feed.command("INCR", "n");
        run.put(feed.from(1));
        assertThat(server.commands().get("n")).isEqualTo("3");

        run.restart();
        assertThat(run.position()).isEqualTo(feed.end());
        run.put(feed.from(0));
        feed.command("INCR", "n");
        run.put(feed.from(0));
        assertThat(server.commands().get("n")).isEqualTo("4");
    }

    @Test
    void holdsATransactionBackUntilItsEnd() {
        feed.begin().end(0).command("SET", "x", "0");
        feed.member(7, 0, false, "INCR", "a").member(7, 1, false, "INCR", "a");
        run.put(feed.from(0));
        assertThat(server.commands().exists("a")).isZero();
        assertThat(server.commands().get("x")).isEqualTo("0");
        assertThat(run.committed()).isEqualTo(3);

        feed.member(7, 2, true, "INCR", "a").command("INCR", "b");
        run.put(feed.from(5));
        assertThat(server.commands().get("a")).isEqualTo("3");
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    @Test
    void appliesAHalfReadTransactionOnceAfterARestart() {
        feed.begin().end(0).member(7, 0, false, "INCR", "a");
        run.put(feed.from(0));
        feed.member(7, 1, true, "INCR", "a");
        run.restart();
        run.put(feed.from(run.position()));
        assertThat(server.commands().get("a")).isEqualTo("2");
    }

    @Test
    void neverSplitsATransaction() {
        run.with("batch.max.records", "2").restart();
        feed.begin().end(0);
        run.put(feed.from(0));
        feed.command("SET", "x", "0");
        for (int i = 0; i < 9; i++) {
            feed.member(7, i, i == 8, "INCR", "a");
        }
        feed.command("INCR", "a");
        server.commands().configResetstat();
        run.put(feed.from(2));
        assertThat(server.commands().get("a")).isEqualTo("10");
        // SET+transaction, INCR
        assertThat(server.commands().info("commandstats")).contains("cmdstat_exec:calls=2,");
    }

    /** What a SET takes with it, an expire time and another type, an MSET takes with it as well. */
    @Test
    void setsInARowAreOneCommand() {
        RedisCommands<String, String> redis = server.commands();
        redis.set("plain", "1");
        byte[] dump = redis.dump("plain");
        redis.set("renewed", "old");
        redis.expire("renewed", 1_000);
        redis.lpush("of another type", "x");
        run.restart();
        feed.begin().end(0).command("SET", "a", "1").command("set", "a", "2").command("SET", "renewed", "new");
        feed.command("SET", "of another type", "a string").state("plain", "string", dump, null);
        feed.db(2).command("SET", "a", "3");
        redis.configResetstat();
        run.put(feed.from(0));

        assertThat(redis.get("a")).isEqualTo("2");
        assertThat(redis.get("of another type")).isEqualTo("a string");
        assertThat(redis.get("plain")).isEqualTo("1");
        assertThat(redis.ttl("renewed")).isEqualTo(-1);
        assertThat(redis.info("commandstats")).contains("cmdstat_mset:calls=1,", "cmdstat_set:calls=1,");
        redis.select(2);
        assertThat(redis.get("a")).isEqualTo("3");
    }

    @Test
    void aTargetThatForbidsMsetGetsSets() {
        RedisCommands<String, String> redis = server.commands();
        redis.dispatch(
                CommandType.ACL,
                new StatusOutput<>(StringCodec.UTF8),
                new CommandArgs<>(StringCodec.UTF8)
                        .add("SETUSER")
                        .add("default")
                        .add("-mset"));
        feed.begin().end(0).command("SET", "a", "1").command("SET", "b", "2");
        redis.configResetstat();
        run.restart();
        run.put(feed.from(0));
        assertThat(redis.get("b")).isEqualTo("2");
        assertThat(redis.info("commandstats")).contains("cmdstat_set:calls=2,");
    }

    @Test
    void leavesNoThreads() {
        RedisSinkTask task = run.task();
        task.stop();
        task.stop();
        new RedisSinkTask().stop();
        run.restart().stop();
        Leaks leaks = Leaks.since();
        for (int i = 0; i < 100; i++) {
            run.start().stop();
        }
        leaks.assertNone();
        assertThat(server.commands().clientList()).doesNotContain("redis-cdc-sink");
    }

    private String digest(String... keys) {
        return server.commands()
                .dispatch(
                        CommandType.DEBUG,
                        new ArrayOutput<>(StringCodec.UTF8),
                        new CommandArgs<>(StringCodec.UTF8).add("DIGEST-VALUE").addKeys(keys))
                .toString();
    }
}
