package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.error.RedisCdcException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A later snapshot against a real target: what it does not have goes, if it is ours, and nothing else does. */
class ResyncIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";

    private final Feed feed = new Feed();
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        run = new SinkRun(server);
        feed.begin().state("kept", "1").state("gone", "1");
        feed.db(3)
                .state("kept", "3")
                .state("gone", "3")
                .db(9)
                .state("gone", "9")
                .db(0);
        feed.library("keptlib").library("gonelib").end(5).command("SET", "streamed", "x");
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void removesWhatVanishedFromAllDatabases() {
        run.start().deliver(feed.from(0));
        redis.set("__redis-cdc:other", "stays");
        assertThat(redis.functionList()).hasSize(2);
        run.deliver(secondSnapshot());

        assertHasTheSecondSnapshot();
        assertThat(redis.get("__redis-cdc:other")).isEqualTo("stays");
        assertThat(redis.functionList()).hasSize(1).asString().contains("keptlib");
        assertThat(redis.hgetall(CHECKPOINT))
                .containsEntry("snapshot", "closed")
                .containsEntry("snapshot_offset", "-1")
                .containsEntry("owned", "yes")
                .containsEntry("offset", Long.toString(feed.end()));

        run.deliver(secondSnapshot());
        assertHasTheSecondSnapshot();
    }

    @Test
    void leavesASharedTargetAlone() {
        redis.set("of somebody", "x");
        run.start().deliver(feed.from(0));
        assertThat(redis.hget(CHECKPOINT, "owned")).isEqualTo("no");
        run.deliver(secondSnapshot());
        assertThat(redis.keys("*"))
                .containsExactlyInAnyOrder("kept", "new", "after", "gone", "streamed", "of somebody", CHECKPOINT);
        assertThat(redis.functionList()).hasSize(2);
    }

    @Test
    void leavesATargetAloneWhereAnotherFlowWrites() {
        run.start().deliver(feed.from(0));
        redis.hset("__redis-cdc:checkpoint:{another}:other:0", "format", "1");
        redis.set("of the other", "x");
        run.deliver(secondSnapshot());
        assertThat(redis.exists("of the other", "gone", "streamed")).isEqualTo(3);
    }

    @Test
    void clearsAnExclusiveTargetWithTheFirstSnapshot() {
        redis.set("from before", "x");
        run.with("target.exclusive", "true").start().deliver(feed.from(0));
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("kept", "gone", "streamed", CHECKPOINT);
        run.deliver(secondSnapshot());
        assertHasTheSecondSnapshot();
    }

    @Test
    void knowsTheKeysAgainAfterARestartInTheMiddle() {
        run.start().deliver(feed.from(0));
        long begin = feed.end();
        List<SinkRecord> all = secondSnapshot();
        run.deliver(all.subList(0, 3));
        assertThat(redis.hgetall(CHECKPOINT))
                .containsEntry("snapshot", "open")
                .containsEntry("snapshot_offset", Long.toString(begin));

        run.stop();
        redis.set("kept", "would be set again if it were applied again");
        run.start();
        assertThat(run.position()).isEqualTo(begin);
        run.deliver(all.subList(0, 2));
        assertThat(run.committed()).isEqualTo(-1);
        run.deliver(all.subList(2, all.size()));
        assertThat(run.committed()).isEqualTo(feed.end());
        assertThat(redis.get("kept")).startsWith("would be");
        redis.set("kept", "1");
        assertHasTheSecondSnapshot();
    }

    @Test
    void startsAgainWithTheNextWhereASnapshotWasBrokenOff() {
        run.start().deliver(feed.from(0));
        long from = feed.end();
        feed.begin().state("gone", "1").state("gone too", "1");
        run.deliver(feed.from(from));
        run.stop();
        long begin = feed.end();
        List<SinkRecord> all = secondSnapshot();
        run.start();
        run.deliver(feed.from(from).subList(0, 5));
        assertThat(redis.hget(CHECKPOINT, "snapshot_offset")).isEqualTo(Long.toString(begin));
        run.deliver(all);
        assertHasTheSecondSnapshot();
    }

    @Test
    void leavesAnExclusiveTargetAloneWhereAnotherPartitionBringsKeys() {
        run.with("target.exclusive", "true").start().deliver(feed.from(0));
        redis.hset("__redis-cdc:checkpoint:{test}:changes:1", "format", "1");
        run.deliver(secondSnapshot());
        assertThat(redis.exists("gone", "streamed")).isEqualTo(2);
    }

    @Test
    void saysThatTheBeginIsGoneFromTheTopic() {
        run.start().deliver(feed.from(0));
        List<SinkRecord> all = secondSnapshot();
        run.deliver(all.subList(0, 3));
        run.stop();
        run.start();
        assertThatThrownBy(() -> run.deliver(all.subList(2, all.size())))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("no longer in the topic");
        assertThat(redis.exists("gone")).isEqualTo(1);
    }

    @Test
    void countsTheKeys() {
        run.start().deliver(feed.from(0));
        long from = feed.end();
        feed.begin().state("kept", "1").end(2);
        assertThatThrownBy(() -> run.deliver(feed.from(from)))
                .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                        .isEqualTo(RedisCdcException.Category.GAP))
                .hasMessageContaining("has 1 keys, but its end says 2");
        assertThat(redis.exists("gone", "streamed")).isEqualTo(2);
    }

    @Test
    void removesNothingMoreOnceAnotherWriterHasTakenOver() {
        run.start().deliver(feed.from(0));
        List<SinkRecord> all = secondSnapshot();
        run.deliver(all.subList(0, all.size() - 2));
        SinkRun other = new SinkRun(server).start();
        try {
            assertThatThrownBy(() -> run.deliver(all.subList(all.size() - 2, all.size())))
                    .hasMessageContaining("another writer owns this flow");
            assertThat(redis.exists("gone", "streamed")).isEqualTo(2);
            other.deliver(all);
            assertHasTheSecondSnapshot();
        } finally {
            other.stop();
        }
    }

    @Test
    void finishesAfterACrashBetweenChunks() {
        feed.begin();
        for (int i = 0; i < 20_000; i++) {
            feed.state("many:" + i, "x");
        }
        feed.end(20_000);
        run.with("sweep.memory.bytes", "65536").start().deliver(feed.from(0));
        long from = feed.end();
        feed.begin();
        for (int i = 0; i < 20_000; i += 4) {
            feed.state("many:" + i, "y");
        }
        feed.end(5_000).command("SET", "after", "x");
        // The connection is cut when some chunks have been executed and others have not.
        Thread killer = new Thread(() -> {
            while (redis.dbsize() > 15_000) {
                Thread.onSpinWait();
            }
            for (String line : redis.clientList().split("\n", -1)) {
                if (line.contains("name=redis-cdc-sink")) {
                    redis.clientKill(line.substring(line.indexOf("addr=") + 5, line.indexOf(" laddr=")));
                }
            }
        });
        killer.start();
        try {
            run.deliver(feed.from(from));
        } finally {
            join(killer);
        }
        run.deliver(List.of());
        assertThat(redis.dbsize()).isEqualTo(5_002);
        assertThat(redis.get("many:4")).isEqualTo("y");
        assertThat(redis.exists("many:5", "kept")).isZero();
        assertThat(redis.hget(CHECKPOINT, "snapshot")).isEqualTo("closed");
    }

    @Test
    void startsARewoundFlowWithASnapshotFromScratch() {
        feed.command("INCR", "born");
        run.start().deliver(feed.from(0));
        run.stop();
        new RedisSinkConnector().alterOffsets(run.props(), Map.of(Feed.PARTITION, 0L));
        run.start().deliver(feed.from(0));
        assertThat(redis.get("born")).isEqualTo("1");
    }

    /** Without the keys "gone", with one that the stream brings afterwards. */
    private List<SinkRecord> secondSnapshot() {
        long from = feed.end();
        feed.begin()
                .state("kept", "1")
                .state("new", "1")
                .db(3)
                .state("kept", "3")
                .db(0);
        feed.library("keptlib").end(3).command("SET", "after", "x");
        return feed.from(from);
    }

    private void assertHasTheSecondSnapshot() {
        assertThat(redis.keys("[a-z]*")).containsExactlyInAnyOrder("kept", "new", "after");
        redis.select(3);
        assertThat(redis.keys("*")).containsExactly("kept");
        redis.select(9);
        assertThat(redis.dbsize()).isZero();
        redis.select(0);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
