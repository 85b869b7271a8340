package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.AclSetuserArgs;
import io.rediscdc.model.Op;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A command fails inside EXEC, and nobody gets to read the reply that says so: it is known all the same. */
class UnseenFailureIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";

    private final Feed feed = new Feed();
    private RedisServer server;
    private CuttingProxy proxy;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        proxy = CuttingProxy.before(server.port());
        run = new SinkRun(server).with("redis.address", proxy.address()).start();
        feed.begin().end(0).command("SET", "s", "x");
        run.deliver(feed.from(0));
    }

    @AfterEach
    void stop() {
        run.stop();
        proxy.close();
        server.close();
    }

    @Test
    void aFailureWhoseReplyIsLost() {
        feed.command("INCR", "n")
                .command("LPUSH", "s", "y")
                .command("INCR", "s")
                .command("INCR", "n");
        assertStuckWithout(2);
    }

    @Test
    void aFailureBeforeTheKeysAreFlushedOrSwapped() {
        feed.command("LPUSH", "s", "y").event(Op.SWAPDB, "SWAPDB", "0", "5").event(Op.SWAPDB, "SWAPDB", "7", "0");
        feed.event(Op.FLUSH, "FLUSHDB").event(Op.FLUSH, "FLUSHALL").command("INCR", "n");
        assertStuckWithout(1);
        assertThat(server.commands().keys("*")).containsExactlyInAnyOrder("n", CHECKPOINT);
    }

    @Test
    void aFailureThatADeadTaskDidNotSee() {
        feed.command("LPUSH", "s", "y");
        RedisSinkTask dead = run.task();
        dead.put(feed.from(3));
        run.abandon();
        try {
            assertThatThrownBy(this::startOnceTheBatchIsThere)
                    .hasMessageContaining("1 of the commands for the records from changes-0@3 to changes-0@3 failed");
        } finally {
            dead.stop();
        }
    }

    @Test
    void noFailure() {
        feed.command("INCR", "n").event(Op.FLUSH, "FLUSHDB").command("INCR", "n");
        proxy.cutRepliesAfter(3);
        run.deliver(feed.from(3));
        assertThat(proxy.cuts()).isEqualTo(1);
        run.deliver(List.of());
        assertThat(server.commands().get("n")).isEqualTo("1");
        assertThat(server.commands().hgetall(CHECKPOINT)).doesNotContainKeys("stuck", "errors");
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    @Test
    void anErrorThatAScriptCaughtIsNone() {
        feed.command("EVAL", "return redis.pcall('LPUSH', KEYS[1], 'y') and 1", "1", "s");
        run.deliver(feed.from(3));
        assertThat(server.commands().hget(CHECKPOINT, "stuck")).isNull();
        feed.command("INCR", "n");
        run.restart().deliver(feed.from(4));
        assertThat(server.commands().get("n")).isEqualTo("1");
    }

    @Test
    void aTargetThatDoesNotPermitScriptsIsWrittenToWithoutThem() {
        server.commands()
                .aclSetuser("default", AclSetuserArgs.Builder.removeCommand(io.lettuce.core.protocol.CommandType.EVAL));
        feed.command("INCR", "n").event(Op.FLUSH, "FLUSHDB").command("INCR", "n");
        run.restart().deliver(feed.from(3));
        assertThat(server.commands().get("n")).isEqualTo("1");
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    private void assertStuckWithout(int failures) {
        long from = feed.end();
        proxy.cutRepliesAfter(3);
        assertThatThrownBy(() -> run.deliver(feed.from(3)))
                .hasMessageContaining("changes-0 is stuck")
                .hasMessageContaining(failures + " of the commands for the records from changes-0@3 to changes-0@"
                        + (from - 1) + " failed")
                .hasMessageContaining("HDEL " + CHECKPOINT + " stuck");
        assertThat(proxy.cuts()).isEqualTo(1);
        assertThat(server.commands().hget(CHECKPOINT, "offset")).isEqualTo(Long.toString(from));
        assertThat(server.commands().hexists(CHECKPOINT, "errors")).isFalse();

        server.commands().hdel(CHECKPOINT, "stuck");
        run.restart();
        assertThat(run.position()).isEqualTo(from);
    }

    private void startOnceTheBatchIsThere() {
        while (!"4".equals(server.commands().hget(CHECKPOINT, "offset"))) {
            Thread.onSpinWait();
        }
        run.start();
    }
}
