package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.model.Op;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** EVALSHA of servers before 7.0, at targets that have restarted since they got the script. */
class ScriptsIT {

    private static final String HASH = "__redis-cdc:scripts:{test}:changes:0";
    private static final String SCRIPT = "return redis.call('incrby', KEYS[1], ARGV[1])";

    private final Feed feed = new Feed();
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun run;
    private String sha;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        run = new SinkRun(server);
        sha = redis.scriptLoad(SCRIPT);
        redis.scriptFlush();
        feed.begin().end(0);
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void aScriptIsBroughtAlongWhoeverHasForgottenIt(String delivery) {
        feed.event(Op.SCRIPT, "SCRIPT", "LOAD", SCRIPT);
        feed.command("EVALSHA", sha, "1", "n", "1").command("EVALSHA", sha.toUpperCase(Locale.ROOT), "1", "n", "1");
        run.with("delivery", delivery).start().replicate(feed);
        assertThat(redis.get("n")).isEqualTo("2");

        redis.scriptFlush();
        feed.command("EVALSHA", sha, "1", "n", "10").member(9, 0, false, "EVALSHA", sha, "1", "n", "10");
        feed.member(9, 1, true, "INCR", "n");
        run.replicate(feed);
        assertThat(redis.get("n")).isEqualTo("23");

        redis.scriptFlush();
        feed.command("EVALSHA", sha, "1", "n", "100");
        run.restart().replicate(feed);
        assertThat(redis.get("n")).isEqualTo("123");
        assertThat(redis.hgetall(HASH)).containsOnlyKeys(sha).containsValue(SCRIPT);
    }

    @Test
    void alsoOneThatWasOnlyEvaluated() {
        feed.command("EVAL", SCRIPT, "1", "n", "1");
        run.start().replicate(feed);
        redis.scriptFlush();
        feed.command("EVALSHA", sha, "1", "n", "1");
        run.restart().replicate(feed);
        assertThat(redis.get("n")).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "SWAPDB 1 2"})
    void whateverBecomesOfTheDatabaseThatTheyStandIn(String event) {
        feed.event(Op.SCRIPT, "SCRIPT", "LOAD", SCRIPT);
        run.start().replicate(feed);
        feed.event(event.startsWith("F") ? Op.FLUSH : Op.SWAPDB, event.split(" "));
        run.replicate(feed);
        redis.scriptFlush();
        feed.command("EVALSHA", sha, "1", "n", "1");
        run.restart().replicate(feed);
        assertThat(redis.get("n")).isEqualTo("1");
        assertThat(redis.hgetall(HASH)).containsOnlyKeys(sha);
        redis.select(1);
        assertThat(redis.keys("*")).isEmpty();
    }

    @Test
    void whatTheSourceHasForgottenIsForgotten() {
        feed.event(Op.SCRIPT, "SCRIPT", "LOAD", SCRIPT).event(Op.SCRIPT, "SCRIPT", "FLUSH");
        run.start().replicate(feed);
        assertThat(redis.exists(HASH)).isZero();
        feed.command("EVALSHA", sha, "1", "n", "1");
        assertThatThrownBy(() -> run.replicate(feed)).hasMessageContaining("NOSCRIPT");
    }

    @Test
    void notMoreThanSomeAreKept() {
        String script = "--" + "x".repeat(1 << 20) + "\n return ";
        feed.event(Op.SCRIPT, "SCRIPT", "LOAD", SCRIPT);
        run.start().replicate(feed);
        for (int i = 0; i < 5; i++) {
            feed.event(Op.SCRIPT, "SCRIPT", "LOAD", script + i).command("EVALSHA", sha, "1", "n", "1");
            run.replicate(feed);
        }
        assertThat(redis.hkeys(HASH)).hasSize(4).contains(sha);
        assertThat(redis.get("n")).isEqualTo("5");
    }

    @Test
    void aLargeCallBringsItAlong() {
        feed.event(Op.SCRIPT, "SCRIPT", "LOAD", "return redis.call('append', KEYS[1], ARGV[1])");
        run.with("transaction.max.bytes", "1024").start().replicate(feed);
        String append = redis.hkeys(HASH).get(0);
        redis.scriptFlush();
        feed.pieces(500, "EVALSHA", append, "1", "k", "x".repeat(3_000));
        run.restart().replicate(feed);
        assertThat(redis.strlen("k")).isEqualTo(3_000);
    }
}
