package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.model.Op;
import io.rediscdc.sink.expiry.Lift;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When keys die at a real target: when the history says so. */
class ExpiryIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    private static final long HOUR = 3_600_000;

    private final Feed feed = new Feed();
    private final long now = System.currentTimeMillis();
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        run = new SinkRun(server).start();
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void whatWasRenewedInTimeAtTheSourceLives() {
        String past = Long.toString(now - 5_000);
        String later = Long.toString(now + HOUR);
        feed.begin().end(0).age(10_000);
        feed.command("SET", "k", "5", "PXAT", past).command("PERSIST", "k").command("INCR", "k");
        feed.command("RPUSH", "l", "a").command("PEXPIREAT", "l", past).command("RPUSH", "l", "b");
        feed.command("PEXPIREAT", "l", later);
        feed.command("PSETEX", "r", "1000", "relative").command("EXPIRE", "r", "7200", "GT");
        feed.age(0).heartbeat();
        run.deliver(feed.from(0));
        run.rest();

        assertThat(redis.get("k")).isEqualTo("6");
        assertThat(redis.ttl("k")).isEqualTo(-1);
        assertThat(redis.lrange("l", 0, -1)).containsExactly("a", "b");
        assertThat(redis.pexpiretime("l")).isEqualTo(now + HOUR);
        assertThat(redis.get("r")).isEqualTo("relative");
        assertThat(redis.ttl("r")).isBetween(7_100L, 7_200L);
    }

    @Test
    void aKeyThatIsRenewedWhileItsSnapshotIsUnderWayLives() {
        feed.begin().state("session", "s", now - 1_000).end(1).age(10_000);
        run.deliver(feed.from(0));
        assertThat(redis.get("session")).isEqualTo("s");

        long end = feed.end();
        feed.command("PEXPIREAT", "session", Long.toString(now + HOUR)).age(0).heartbeat();
        run.deliver(feed.from(end));
        assertThat(redis.get("session")).isEqualTo("s");
        assertThat(redis.pexpiretime("session")).isEqualTo(now + HOUR);
    }

    @Test
    void timesAreExactOnceCaughtUpWhereverTheyWent() {
        String later = Long.toString(now + HOUR);
        feed.begin().state("state", "x", now + HOUR).end(1);
        feed.age(10_000).command("SET", "a", "1", "PXAT", later).command("SET", "b", "1", "PXAT", later);
        feed.command("SET", "c", "1", "PXAT", later).command("SET", "d", "1", "PXAT", later);
        run.deliver(feed.from(0));
        assertThat(redis.pexpiretime("a")).isEqualTo(Lift.up(now + HOUR));
        assertThat(redis.hget(CHECKPOINT, "ttl")).isEqualTo("lifted");

        long end = feed.end();
        feed.command("RENAME", "a", "renamed").command("COPY", "b", "copied").command("COPY", "c", "c3", "DB", "3");
        feed.command("MOVE", "d", "4");
        feed.age(0).heartbeat();
        run.deliver(feed.from(end));
        run.rest();

        for (String key : new String[] {"state", "renamed", "b", "copied", "c"}) {
            assertThat(redis.pexpiretime(key)).as(key).isEqualTo(now + HOUR);
        }
        redis.select(3);
        assertThat(redis.pexpiretime("c3")).isEqualTo(now + HOUR);
        redis.select(4);
        assertThat(redis.pexpiretime("d")).isEqualTo(now + HOUR);
        redis.select(0);
        assertThat(redis.hget(CHECKPOINT, "ttl")).isEqualTo("exact");
    }

    @Test
    void aFlowThatFallsBehindForAMomentFollowsItsKeysByName() {
        String later = Long.toString(now + HOUR);
        feed.begin().end(0).command("SET", "exact", "1", "PXAT", later);
        run.deliver(feed.from(0));
        run.rest();
        assertThat(redis.pexpiretime("exact")).isEqualTo(now + HOUR);
        assertThat(redis.hget(CHECKPOINT, "ttl")).isEqualTo("exact");
        // Nobody is to look at it: only the keys that were written while behind are brought down.
        redis.set("of somebody", "1");
        redis.pexpireat("of somebody", Lift.up(now + HOUR));

        long end = feed.end();
        feed.age(10_000).command("SET", "a", "1", "PXAT", later).command("RENAME", "a", "renamed");
        feed.db(3)
                .command("SET", "b", "1", "PXAT", later)
                .command("MOVE", "b", "4")
                .db(0);
        run.deliver(feed.from(end));
        assertThat(redis.pexpiretime("renamed")).isEqualTo(Lift.up(now + HOUR));
        assertThat(redis.hget(CHECKPOINT, "ttl")).isEqualTo("mixed");

        end = feed.end();
        feed.age(0).heartbeat();
        run.deliver(feed.from(end));
        run.rest();
        assertThat(redis.pexpiretime("renamed")).isEqualTo(now + HOUR);
        redis.select(4);
        assertThat(redis.pexpiretime("b")).isEqualTo(now + HOUR);
        redis.select(0);
        assertThat(redis.hget(CHECKPOINT, "ttl")).isEqualTo("exact");
        assertThat(redis.pexpiretime("of somebody")).isEqualTo(Lift.up(now + HOUR));
    }

    @Test
    void aTaskThatTakesOverBringsDownWhatAnotherLifted() {
        feed.begin().end(0).age(10_000).command("SET", "a", "1", "PXAT", Long.toString(now + HOUR));
        run.deliver(feed.from(0));
        run.stop();
        run = new SinkRun(server).start();
        long end = feed.end();
        feed.age(0).heartbeat();
        run.deliver(feed.from(end));
        run.rest();
        assertThat(redis.pexpiretime("a")).isEqualTo(now + HOUR);
    }

    @Test
    void theHistoryEndsWhatIsAboutToExpire() {
        feed.begin().end(0).command("SET", "k", "1", "PXAT", Long.toString(now - 1));
        run.deliver(feed.from(0));
        assertThat(redis.get("k")).isEqualTo("1");
        long end = feed.end();
        feed.del("k");
        run.deliver(feed.from(end));
        assertThat(redis.exists("k")).isZero();
    }

    @Test
    void whatIsLiftedWhileAllKeysAreLookedAtIsBroughtDownToo() {
        long far = 4_000_000_000_000L;
        int keys = 30_000;
        feed.begin();
        for (int i = 0; i < keys; i++) {
            feed.state("k" + i, "v", far);
        }
        run.start().put(feed.end(keys).from(0));
        long from = feed.end();
        feed.age(5_000);
        for (int i = 0; i < 500; i++) {
            feed.command("SET", "new" + i, "v", "PXAT", Long.toString(far));
        }
        feed.age(0).heartbeat();
        run.put(feed.from(from));
        run.rest();
        for (int i = 0; i < 500; i++) {
            assertThat(redis.pexpiretime("new" + i)).isEqualTo(far);
        }
        assertThat(redis.hget("__redis-cdc:checkpoint:{test}:changes:0", "ttl")).isEqualTo("exact");
    }

    @Test
    void manyAreBroughtDownStepByStep() {
        feed.begin();
        for (int i = 0; i < 5_000; i++) {
            feed.state("k" + i, "x", now + HOUR + i);
        }
        feed.end(5_000).event(Op.SWAPDB, "SWAPDB", "0", "2").heartbeat();
        run.deliver(feed.from(0));
        run.rest();
        redis.select(2);
        for (int i = 0; i < 5_000; i += 7) {
            assertThat(redis.pexpiretime("k" + i)).isEqualTo(now + HOUR + i);
        }
    }
}
