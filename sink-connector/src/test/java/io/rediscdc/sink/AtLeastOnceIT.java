package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.KillArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Op;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The task with delivery=at_least_once against a real server. */
class AtLeastOnceIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";

    private final Feed feed = new Feed();
    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        run = newRun();
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void worksForAUserWithoutTransactions() {
        forbidTransactions();
        run.with("redis.username", "plain").with("redis.password", "secret").start();
        feed.begin()
                .state("s", "v")
                .end(1)
                .db(2)
                .command("INCRBYFLOAT", "f", "1.5")
                .command("INCR", "n");
        feed.member(7, 0, false, "LPUSH", "l", "a").member(7, 1, true, "INCR", "n");
        run.deliver(feed.from(0));

        RedisCommands<String, String> redis = server.commands();
        assertThat(redis.get("s")).isEqualTo("v");
        redis.select(2);
        assertThat(redis.get("n")).isEqualTo("2");
        assertThat(redis.lrange("l", 0, -1)).containsExactly("a");
        redis.select(0);
        assertThat(redis.hgetall(CHECKPOINT))
                .containsEntry("offset", Long.toString(feed.end()))
                .containsEntry("pos:main", feed.last().toString());
        assertThat(run.committed()).isEqualTo(feed.end());
        assertThat(redis.info("commandstats")).doesNotContain("cmdstat_exec", "cmdstat_watch");
    }

    @Test
    void withExactlyOnceThatUserIsRefused() {
        forbidTransactions();
        run.with("redis.username", "plain").with("redis.password", "secret").with("delivery", "exactly_once");
        assertThatThrownBy(run::start).hasMessageContaining("NOPERM");
        assertThat(new RedisSinkConnector()
                        .validate(run.props()).configValues().stream().flatMap(value -> value.errorMessages().stream()))
                .anyMatch(message -> message.contains("NOPERM"));

        run.with("delivery", "at_least_once");
        assertThat(new RedisSinkConnector().validate(run.props()).configValues())
                .allSatisfy(value -> assertThat(value.errorMessages()).isEmpty());
        assertThat(new RedisSinkConnector()
                        .validate(run.with("delivery", "twice").props()).configValues().stream()
                                .flatMap(value -> value.errorMessages().stream()))
                .anyMatch(message -> message.contains("delivery"));
    }

    @Test
    void aTransactionOfTheSourceIsOneAtTheTargetAndNothingElseIs() {
        run.start();
        feed.begin().end(0).command("INCR", "n");
        for (int i = 0; i < 3; i++) {
            feed.member(7, i, i == 2, "INCR", "a");
        }
        feed.member(8, 0, true, "INCR", "single").command("INCR", "n");
        server.commands().configResetstat();
        run.deliver(feed.from(0));

        assertThat(server.commands().get("a")).isEqualTo("3");
        assertThat(server.commands().get("n")).isEqualTo("2");
        assertThat(server.commands().info("commandstats"))
                .contains("cmdstat_multi:calls=1,", "cmdstat_exec:calls=1,")
                .doesNotContain("cmdstat_watch");
    }

    @Test
    void skipsWhatIsAppliedAndStopsAtAGap() {
        run.start();
        feed.begin().end(0).command("INCR", "n");
        run.deliver(feed.from(0));
        run.deliver(feed.from(0));
        server.commands().clientKill(KillArgs.Builder.typeNormal().skipme());
        run.deliver(feed.from(0));
        run.stop();
        run.start();
        assertThat(run.position()).isEqualTo(feed.end());
        run.deliver(feed.from(0));
        assertThat(server.commands().get("n")).isEqualTo("1");

        String before = feed.last().toString();
        feed.lose().command("INCR", "n");
        assertThatThrownBy(() -> run.deliver(feed.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining(before);
        assertThat(server.commands().get("n")).isEqualTo("1");
    }

    @Test
    void aFailedCommandStopsItWhereverItStands() {
        run.start();
        feed.begin().end(0).command("SET", "s", "x").command("RPUSH", "s", "y").command("INCR", "n");
        long failing = feed.end() - 2;
        assertThatThrownBy(() -> run.deliver(feed.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("RPUSH at changes-0@" + failing)
                .hasMessageContaining("WRONGTYPE");
        assertThat(server.commands().hget(CHECKPOINT, "stuck")).contains("WRONGTYPE");
        assertThat(server.commands().get("n")).isEqualTo("1");
        run.stop();
        assertThatThrownBy(run::start).hasMessageContaining("is stuck");
        server.commands().hdel(CHECKPOINT, "stuck");
        run.start();

        feed.command("INCR", "n").member(9, 0, false, "INCR", "n").member(9, 1, true, "RPUSH", "s", "z");
        failing = feed.end() - 1;
        long at = failing;
        assertThatThrownBy(() -> run.deliver(feed.from(run.position())))
                .hasMessageContaining("RPUSH at changes-0@" + at)
                .hasMessageContaining("WRONGTYPE");
        assertThat(server.commands().get("n")).isEqualTo("3");
    }

    @Test
    void aFlushKeepsTheCheckpoint() {
        run.start();
        feed.begin().end(0);
        run.deliver(feed.from(0));
        run.rest();
        feed.command("SET", "a", "1").event(Op.FLUSH, "FLUSHALL").command("SET", "b", "1");
        feed.event(Op.SWAPDB, "SWAPDB", "0", "1").command("SET", "c", "1");
        server.commands().configResetstat();
        run.deliver(feed.from(2));

        assertThat(server.commands().keys("*")).containsExactlyInAnyOrder("c", CHECKPOINT);
        assertThat(server.commands().hget(CHECKPOINT, "offset")).isEqualTo(Long.toString(feed.end()));
        assertThat(server.commands().info("commandstats")).contains("cmdstat_hmset:calls=3,");
    }

    @Test
    void aTargetThatWasEmptiedMeanwhileIsNotWrittenOn() {
        run.start();
        feed.begin().end(0).command("SET", "a", "1");
        run.deliver(feed.from(0));
        server.commands().flushall();
        feed.command("INCR", "n");
        assertThatThrownBy(() -> run.deliver(feed.from(3))).hasMessageContaining("is gone");
        run.stop();
        assertThatThrownBy(run::start).hasMessageContaining("is stuck").hasMessageContaining("removed");
    }

    @Test
    void theLaterOfTwoWritersGoesOnAndTheEarlierStops() {
        run.start();
        feed.begin().end(0).command("SET", "a", "1");
        run.deliver(feed.from(0));
        SinkRun later = newRun().start();
        try {
            feed.command("SET", "a", "2");
            List<SinkRecord> next = feed.from(3);
            later.deliver(next);
            assertThatThrownBy(() -> run.deliver(next)).hasMessageContaining("another writer owns this flow");

            feed.command("SET", "a", "3");
            assertThatCode(() -> later.deliver(feed.from(4))).doesNotThrowAnyException();
            assertThat(server.commands().get("a")).isEqualTo("3");
            assertThat(later.committed()).isEqualTo(feed.end());
        } finally {
            later.stop();
        }
    }

    @Test
    void lostConnectionsRepeatSomeAndLoseNothing() throws InterruptedException {
        run.with("batch.max.records", "50").start();
        run.deliver(feed.begin().end(0).from(0));
        RedisCommands<String, String> redis = server.commands();
        AtomicBoolean cutting = new AtomicBoolean(true);
        Thread cutter = new Thread(() -> {
            while (cutting.get()) {
                redis.clientKill(KillArgs.Builder.typeNormal().skipme());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(25));
            }
        });
        cutter.start();
        int wanted = 0;
        try {
            for (int round = 0; round < 40; round++) {
                long from = feed.end();
                for (int i = 0; i < 200; i++) {
                    feed.command("INCR", "n").command("SADD", "all", Integer.toString(++wanted));
                }
                run.deliver(feed.from(from));
            }
        } finally {
            cutting.set(false);
            cutter.join();
        }
        run.deliver(feed.from(feed.end() - 1));
        assertThat(redis.scard("all")).isEqualTo(wanted);
        assertThat(Long.parseLong(redis.get("n"))).isGreaterThanOrEqualTo(wanted);
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    @Test
    void waitsForMemory() {
        run.start();
        feed.begin().end(0).command("SET", "a", "1");
        run.deliver(feed.from(0));
        feed.command("SET", "b", "2");
        server.commands().configSet("maxmemory", "1");
        assertThatThrownBy(() -> run.deliver(feed.from(3))).hasMessageContaining("no success");
        server.commands().configSet("maxmemory", "0");
        run.deliver(feed.from(3));
        assertThat(server.commands().get("b")).isEqualTo("2");
        assertThat(run.committed()).isEqualTo(feed.end());
        assertThat(server.commands().hexists(CHECKPOINT, "stuck")).isFalse();
    }

    private SinkRun newRun() {
        return new SinkRun(server).with("delivery", "at_least_once");
    }

    private void forbidTransactions() {
        server.commands()
                .dispatch(
                        CommandType.ACL,
                        new StatusOutput<>(StringCodec.UTF8),
                        new CommandArgs<>(StringCodec.UTF8)
                                .add("SETUSER")
                                .add("plain")
                                .add("on")
                                .add(">secret")
                                .add("~*")
                                .add("&*")
                                .add("+@all")
                                .add("-@transaction"));
    }
}
