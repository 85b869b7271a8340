package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Op;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The checkpoint in the target decides what is applied, and who applies it. */
class CheckpointIT {

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
    void stopsAtAGap() {
        feed.begin().end(0).command("INCR", "n");
        run.put(feed.from(0));
        String before = feed.last().toString();
        feed.lose().command("INCR", "n");
        assertThatThrownBy(() -> run.put(feed.from(3)))
                .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                        .isEqualTo(RedisCdcException.Category.GAP))
                .hasMessageContaining(before)
                .hasMessageContaining("changes-0@3");
        assertThat(server.commands().get("n")).isEqualTo("1");
    }

    @Test
    void stopsWhereTheCheckpointIsMissing() {
        feed.begin().end(0).command("INCR", "n");
        assertThatThrownBy(() -> run.put(feed.from(2)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("checkpoint is missing")
                .hasMessageContaining("changes-0@2");
    }

    @Test
    void namesACheckpointThatVanished() {
        feed.begin().end(0).command("INCR", "n");
        run.put(feed.from(0));
        server.commands().flushall();
        feed.command("INCR", "n");
        assertThatThrownBy(() -> run.put(feed.from(3)))
                .hasMessageContaining("the checkpoint " + CHECKPOINT)
                .hasMessageContaining("is gone");
    }

    @Test
    void keepsTheCheckpointOverFlushAndSwap() {
        RedisCommands<String, String> redis = server.commands();
        feed.begin().end(0).command("SET", "a", "1").event(Op.FLUSH, "FLUSHALL").command("SET", "b", "2");
        run.put(feed.from(0));
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("b", CHECKPOINT);

        feed.event(Op.FLUSH, "FLUSHDB", "ASYNC");
        run.put(feed.from(5));
        assertThat(redis.keys("*")).containsExactly(CHECKPOINT);

        feed.command("SET", "c", "3").event(Op.SWAPDB, "SWAPDB", "0", "5").command("SET", "d", "4");
        run.put(feed.from(6));
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("d", CHECKPOINT);
        redis.select(5);
        assertThat(redis.keys("*")).containsExactly("c");
        redis.select(0);

        run.restart();
        feed.event(Op.SWAPDB, "SWAPDB", "5", "0").command("INCR", "n");
        run.put(feed.from(0));
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("c", "n", CHECKPOINT);
        assertThat(redis.hget(CHECKPOINT, "pos:main")).isEqualTo(feed.last().toString());
    }

    @Test
    void goesBackWithATargetThatLostItsLastWrites() {
        run.stop();
        server.close();
        server = RedisServer.start("--dbfilename", "dump.rdb");
        run = new SinkRun(server).start();
        feed.begin().end(0).command("INCR", "n").command("INCR", "n");
        run.put(feed.from(0));
        server.commands().save();
        feed.command("INCR", "n").command("INCR", "n");
        run.put(feed.from(4));
        assertThat(server.commands().get("n")).isEqualTo("4");

        server.kill();
        server.launch();
        run.forgetPosition();
        run.deliver(List.of());
        assertThat(run.position()).isEqualTo(4);
        feed.command("INCR", "n");
        run.put(feed.from(4));
        assertThat(server.commands().get("n")).isEqualTo("5");
    }

    @Test
    void refusesACheckpointKeyThatIsSomethingElse() {
        run.stop();
        server.commands().del(CHECKPOINT);
        server.commands().set(CHECKPOINT, "x");
        assertThatThrownBy(run::start).hasMessageContaining("is no hash");
        server.commands().del(CHECKPOINT);
        server.commands().hset(CHECKPOINT, "format", "9");
        assertThatThrownBy(run::start).hasMessageContaining("has format 9");
    }

    @Test
    void isFencedByTheWriterThatTakesOver() {
        feed.begin().end(0).command("INCR", "n");
        run.put(feed.from(0));
        SinkRun other = new SinkRun(server).start();
        try {
            feed.command("INCR", "n");
            assertThatThrownBy(() -> run.put(feed.from(3)))
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
}
