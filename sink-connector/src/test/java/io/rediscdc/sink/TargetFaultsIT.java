package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.KillArgs;
import java.util.List;
import java.util.Random;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever dies between the task and its target, and whenever: each command is applied once. */
class TargetFaultsIT {

    private static final int DEATHS = Integer.getInteger("faults.deaths", 50);
    private static final int CUTS = Integer.getInteger("faults.cuts", 200);

    private final Feed feed = new Feed();
    private final long seed = Long.getLong("faults.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        run = new SinkRun(server).start();
        feed.begin().end(0);
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void connectionsAreKilled() {
        long delivered = 0;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 200; i++) {
                feed.command("INCR", "n");
            }
            List<SinkRecord> batch = feed.from(delivered);
            run.deliver(batch);
            delivered = feed.end();
            if (round % 2 == 0) {
                killWriters();
            }
        }
        run.deliver(List.of());
        assertThat(server.commands().get("n")).isEqualTo("10000");
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    /** What Kafka has committed is older than what the target has; and what died, or is only believed dead, comes back. */
    @Test
    void theTaskDiesBetweenABatchAndItsOffsetCommit() {
        RedisSinkTask dead = null;
        run.with("batch.max.records", "40").restart();
        try {
            long committed = 0;
            for (int death = 0; death < DEATHS; death++) {
                if (random.nextInt(5) == 0) {
                    committed = Math.max(0, run.committed());
                }
                write(1 + random.nextInt(300));
                run.task().put(feed.from(committed));
                dead = run.abandon();
                run.start();
                write(1);
                assertWritesNothing(dead);
                dead.stop();
            }
            run.put(feed.from(committed));
            assertExact();
        } finally {
            if (dead != null) {
                dead.stop();
            }
        }
    }

    private void assertWritesNothing(RedisSinkTask dead) {
        List<SinkRecord> all = feed.from(0);
        assertThatThrownBy(() -> {
                    dead.put(all);
                    dead.put(List.of());
                })
                .hasMessageContaining("another writer owns this flow");
    }

    @Test
    void theConnectionIsCutWhileABatchIsUnderWay() {
        try (CuttingProxy proxy = CuttingProxy.before(server.port())) {
            run.with("redis.address", proxy.address())
                    .with("batch.max.records", "100")
                    .restart();
            run.replicate(feed);
            while (proxy.cuts() < CUTS) {
                write(1 + random.nextInt(150));
                if (random.nextBoolean()) {
                    proxy.cutRequestsAfter(random.nextInt(8_000));
                } else {
                    proxy.cutRepliesAfter(random.nextInt(800));
                }
                run.replicate(feed);
            }
            proxy.cutNoMore();
            assertExact();
        }
    }

    /** Counters that a command applied twice, or not at all, would show; and a transfer that must not be halved. */
    private void write(int times) {
        for (int i = 0; i < times; i++) {
            feed.command("INCR", "n").command("APPEND", "text", "x");
            feed.member(feed.end(), 0, false, "DECR", "left").member(feed.end() - 1, 1, true, "INCR", "right");
        }
    }

    private void assertExact() {
        long written = (feed.end() - 2) / 4;
        assertThat(List.of(
                        Long.parseLong(server.commands().get("n")),
                        server.commands().strlen("text"),
                        -Long.parseLong(server.commands().get("left")),
                        Long.parseLong(server.commands().get("right"))))
                .as("with -Dfaults.seed=%s", seed)
                .containsOnly(written);
        assertThat(run.committed()).isEqualTo(feed.end());
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
