package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.error.RedisCdcException;
import java.util.List;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A target that refuses, fails or is not there: nothing is applied by halves, and what it was is said. */
class TargetRefusalIT {

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

    @Test
    void marksItselfStuckWhereACommandFails() {
        feed.begin().end(0).command("SET", "s", "x").command("LPUSH", "s", "y").command("SET", "t", "z");
        Throwable failure = catchThrowable(() -> run.put(feed.from(0)));
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

        assertThatThrownBy(run::restart)
                .hasMessageContaining("LPUSH at changes-0@3")
                .hasMessageContaining("HDEL");
        redis.hdel(CHECKPOINT, "stuck");
        run.restart();
        feed.command("INCR", "n");
        run.put(feed.from(0));
        assertThat(redis.get("n")).isEqualTo("1");
    }

    @Test
    void triesAgainWhatPasses() {
        RedisCommands<String, String> redis = server.commands();
        feed.begin().end(0).command("INCR", "n");
        run.put(feed.from(0));
        redis.configSet("maxmemory", "1");
        feed.command("INCR", "n");
        run.task().put(feed.from(3));
        // As often as it takes: it is not taken for a batch that makes the target hang up.
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> run.task().put(List.of()))
                    .isInstanceOf(RetriableException.class)
                    .hasMessageContaining("OOM")
                    .hasMessageContaining("INCR of the record at changes-0@3");
        }
        redis.configSet("maxmemory", "0");
        run.deliver(List.of());
        assertThat(redis.get("n")).isEqualTo("2");
    }

    @Test
    void appliesNothingOfABatchWithACommandTheTargetDoesNotKnow() {
        feed.begin().end(0).command("SET", "a", "1").command("NOSUCH", "secret-key", "secret-value");
        assertThatThrownBy(() -> run.put(feed.from(0)))
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
        assertThatThrownBy(() -> run.put(feed.from(0))).hasMessageContaining("has no database 99");
        assertThat(server.commands().exists("a")).isZero();
    }

    @Test
    void waitsForATargetThatIsNotThereYet() {
        run.stop();
        server.kill();
        run.start();
        feed.begin().end(0).command("INCR", "n");
        assertThatThrownBy(() -> run.task().put(feed.from(0)))
                .isInstanceOf(RetriableException.class)
                .hasMessageContaining("cannot be reached");
        server.launch();
        run.deliver(feed.from(0));
        assertThat(server.commands().get("n")).isEqualTo("1");
    }
}
