package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets that are older than all that is usual: what they can hold, they have. */
class OlderTargetIT {

    private static final String REDIS_2_8 = "redis-server-2.8.19";
    private static final String REDIS_6_2 = "redis-server-6.2.6-v5-linux-amd64";
    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";

    /** What servers of every version saved, for both. */
    static Stream<Arguments> targetsAndVersions() {
        return Stream.of("2.8", "3.2", "4.0", "5.0", "6.2", "7.0", "7.2", "7.4", "8.0", "8.6", "valkey8", "valkey9")
                .flatMap(version -> Stream.of(REDIS_2_8, REDIS_6_2).map(target -> Arguments.of(target, version)));
    }

    @ParameterizedTest
    @MethodSource("targetsAndVersions")
    void hasWhatOtherServersSaved(String target, String version) throws IOException {
        try (RedisServer server = RedisServer.startOf(target)) {
            SinkRun run = new SinkRun(server).with("unsupported.policy", "drop").start();
            Saved saved = Saved.by(version);
            run.replicate(saved.feed());
            run.rest();
            boolean streams = target.equals(REDIS_6_2);
            for (RdbItem.Key key : saved.keys()) {
                server.bytes().select(key.db());
                byte[] dump = server.bytes().dump(key.key());
                if (Saved.isModule(key) || (!streams && key.type().typeName().equals("stream"))) {
                    assertThat(dump).isNull();
                    continue;
                }
                assertThat(dump).as("%s %s", key.type(), Saved.name(key)).isNotNull();
                assertThat(known(Saved.lines(dump, Flavour.REDIS)))
                        .as("%s %s", key.type(), Saved.name(key))
                        .isEqualTo(known(Saved.lines(key.dump(), saved.flavour())));
                long ttl = server.bytes().pttl(key.key());
                if (key.expires()) {
                    assertThat(System.currentTimeMillis() + ttl)
                            .isBetween(key.expireAtMs() - 50, key.expireAtMs() + 50);
                } else {
                    assertThat(ttl).isEqualTo(-1);
                }
            }
            run.stop();
        }
    }

    /** What is not known is seen before anything is executed, what has an option that is not known only then. */
    @ParameterizedTest
    @ValueSource(strings = {REDIS_2_8, REDIS_6_2})
    void countsEachCommandThatTheTargetDoesNotTake(String target) {
        try (RedisServer server = RedisServer.startOf(target)) {
            SinkRun run = new SinkRun(server).with("unsupported.policy", "drop").start();
            Feed feed = new Feed();
            feed.begin().end(0);
            feed.command("HPERSIST", "h", "FIELDS", "1", "a")
                    .command("SET", "s", "old")
                    .command("SET", "s", "new", "IFEQ", "old")
                    .command("MSETEX", "2", "x", "1", "y", "2")
                    .command("BITOP", "DIFF", "b", "s", "x")
                    .command("SET", "end", "1")
                    .heartbeat();
            run.replicate(feed);
            run.rest();
            assertThat(server.commands().get("s")).isEqualTo("old");
            assertThat(server.commands().get("end")).isEqualTo("1");
            assertThat(run.metric("omissions-total")).isEqualTo(4);
            run.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {REDIS_2_8, REDIS_6_2})
    void followsAHistory(String target) {
        try (RedisServer server = RedisServer.startOf(target)) {
            SinkRun run = new SinkRun(server)
                    .with("unsupported.policy", "drop")
                    .with("target.exclusive", "true")
                    .start();
            RedisCommands<String, String> redis = server.commands();
            String later = Long.toString(System.currentTimeMillis() + 3_600_000);
            Feed feed = new Feed();
            feed.begin().state("k", "1").state("n", "5").state("gone", "x").end(3);
            feed.command("INCR", "n")
                    .command("UNLINK", "k")
                    .command("SET", "t", "v", "PXAT", later)
                    .member(7, 0, false, "INCR", "n")
                    .member(7, 1, true, "INCR", "n")
                    .command("HPEXPIREAT", "h", later, "FIELDS", "1", "f")
                    .command("HSET", "h", "a", "1", "b", "2")
                    .command("ZADD", "z", "1", "a")
                    .command("ZADD", "z", "GT", "CH", "9", "a")
                    .db(5)
                    .command("SET", "flushed", "1")
                    .event(Op.FLUSH, "FLUSHDB", "ASYNC")
                    .command("SET", "flushed", "2")
                    .event(Op.FLUSH, "FLUSHDB", "SYNC")
                    .db(0)
                    .event(Op.FUNCTION, "FUNCTION", "LOAD", Feed.code("lib"))
                    .heartbeat();
            run.replicate(feed);
            run.rest();
            assertThat(redis.get("n")).isEqualTo("8");
            assertThat(redis.exists("k")).isZero();
            assertThat(redis.pttl("t")).isBetween(3_500_000L, 3_600_000L);
            assertThat(redis.hget(CHECKPOINT, "stuck")).isNull();
            assertThat(redis.hgetall("h")).isEqualTo(Map.of("a", "1", "b", "2"));
            boolean knowsGt = target.equals(REDIS_6_2);
            assertThat(redis.zscore("z", "a")).isEqualTo(knowsGt ? 9 : 1);
            assertThat(redis.info("keyspace")).doesNotContain("db5");
            assertThat(run.metric("omissions-total")).isEqualTo(knowsGt ? 2 : 3);

            run.restart();
            feed.command("INCR", "n")
                    .begin()
                    .state("n", "9")
                    .end(1)
                    .del("none")
                    .command("INCR", "n")
                    .heartbeat();
            run.replicate(feed);
            assertThat(redis.get("n")).isEqualTo("10");
            assertThat(redis.keys("*")).containsExactlyInAnyOrder("n", CHECKPOINT);
            run.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {REDIS_2_8, REDIS_6_2})
    void stopsByDefault(String target) {
        try (RedisServer server = RedisServer.startOf(target)) {
            SinkRun run = new SinkRun(server).start();
            Feed feed = new Feed().begin().end(0).command("SET", "a", "1");
            feed.event(Op.FUNCTION, "FUNCTION", "LOAD", Feed.code("lib"));
            assertThatThrownBy(() -> run.replicate(feed))
                    .hasMessageContaining("FUNCTION of the record at changes-0@3")
                    .hasMessageContaining("nothing of its batch has been applied")
                    .hasMessageContaining("unsupported.policy");
            assertThat(server.commands().exists("a")).isZero();
            run.stop();
        }
    }

    /** Without what no server before 7.0 keeps: counters of streams, and times of fields. */
    private static List<String> known(List<String> lines) {
        return Saved.withoutFieldTimes(lines).stream()
                .map(line -> line.startsWith("i ") || line.startsWith("g ") ? words(line) : line)
                .toList();
    }

    private static String words(String line) {
        String[] words = line.split(" ", -1);
        return words[0] + " " + words[1] + " " + words[2];
    }
}
