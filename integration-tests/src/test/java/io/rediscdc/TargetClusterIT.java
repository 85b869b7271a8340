package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.slot.Slot;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One server, and a cluster of three masters that becomes the same, whatever happens to its nodes and slots. */
@Timeout(240)
class TargetClusterIT {

    private static final int NAMES = 60;

    /** Slots to be moved there and back under load; a long run has more. */
    private static final int MOVES = Integer.getInteger("cluster.moves", 30);

    private RedisServer from;
    private RedisCluster to;
    private Flow flow;
    private int written;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        from = RedisServer.running();
        to = RedisCluster.start(3, 1);
        flow = new Flow("to-cluster", from, from)
                .withRepairs()
                .withoutSink("redis.address")
                .withSink("redis.cluster.nodes", to.seeds());
    }

    @AfterEach
    void stop() throws IOException {
        flow.close();
        from.close();
        to.close();
    }

    @Test
    void becomesTheSameAndStaysSoWhileSlotsMoveAndAMasterDies() throws InterruptedException {
        new LiveMix(flow.source(), "before").runInOneDatabase();
        flow.start();
        awaitEqual();
        new LiveMix(flow.source(), "live").runInOneDatabase();
        awaitEqual();

        AtomicBoolean enough = new AtomicBoolean();
        Thread load = new Thread(() -> {
            while (!enough.get()) {
                for (int i = 0; i < 20; i++) {
                    write();
                }
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
        });
        load.start();
        try {
            for (int i = 0; i < MOVES; i++) {
                String key = "n" + i % NAMES;
                int slot = Slot.of(key.getBytes(StandardCharsets.US_ASCII));
                to.move(slot, (to.owner(slot) + 1) % 3);
            }
            to.failOver(1);
        } finally {
            enough.set(true);
            load.join();
        }
        awaitEqual();
    }

    private void write() {
        int name = (written++ * 7) % NAMES;
        flow.source().call("INCR", "n" + name);
        flow.source().call("LPUSH", "l" + name, written);
        flow.source().call("SADD", "s" + name, written);
        if (written % 10 == 0) {
            flow.source().call("MULTI");
            flow.source().call("INCR", "n" + name);
            flow.source().call("INCR", "n" + (name + 1) % NAMES);
            flow.source().call("EXEC");
        }
    }

    private void awaitEqual() {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    assertThat(flow.sinkRest().status(flow.sinkName()).failure())
                            .isNull();
                    assertEqual();
                });
    }

    private void assertEqual() {
        List<?> keys = (List<?>) flow.source().call("KEYS", "*");
        for (Object each : keys) {
            String key = RedisClientOf.textOf(each);
            assertThat(to.call("PEXPIRETIME", key).text())
                    .as("expire time of %s", key)
                    .isEqualTo(flow.source().text("PEXPIRETIME", key));
            int owner = to.owner(Slot.of(key.getBytes(StandardCharsets.UTF_8)));
            Reply.Array digests = (Reply.Array) to.node(owner).call("DEBUG", "DIGEST-VALUE", key);
            assertThat(digests.elements().get(0).text()).as("value of %s", key).isEqualTo(digest(key));
        }
        long reserved = 0;
        long found = 0;
        for (int i = 0; i < to.size(); i++) {
            if (to.node(i).isAlive()
                    && to.node(i).call("INFO", "replication").text().contains("role:master")) {
                found += Long.parseLong(to.node(i).call("DBSIZE").text());
                reserved += ((Reply.Array) to.node(i).call("KEYS", "__redis-cdc:*"))
                        .elements()
                        .size();
            }
        }
        assertThat(found - reserved).isEqualTo(keys.size());
    }

    private String digest(String key) {
        return flow.source().text("DEBUG", "DIGEST-VALUE", key).replaceAll("[\\[\\]]", "");
    }
}
