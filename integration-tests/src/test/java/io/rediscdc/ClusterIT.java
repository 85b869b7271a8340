package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.slot.SlotTag;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.testing.ClusterClient;
import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From a cluster of three masters with a replica each to a single server. */
@Timeout(240)
class ClusterIT {

    private static final int[] SLOTS_OF_EACH = {100, 6_000, 12_000};

    private RedisCluster cluster;
    private RedisServer to;
    private Flow flow;

    @BeforeEach
    void start() throws Exception {
        cluster = RedisCluster.start(3, 1, "--repl-backlog-size", "16mb");
        to = RedisServer.running();
        flow = new Flow("cluster", to, to)
                .withRepairs()
                .withSource("redis.cluster.nodes", cluster.seeds())
                .withSource("tasks.max", "2");
        flow.sourceConfig().remove("redis.address");
    }

    @AfterEach
    void stop() throws Exception {
        flow.close();
        to.close();
        cluster.close();
    }

    @Test
    void everythingAndThroughAFailoverUnderLoad() throws Exception {
        mix("before");
        flow.start();
        mix("live");
        awaitEqual();

        AtomicBoolean over = new AtomicBoolean();
        Thread load = new Thread(() -> count(over));
        load.start();
        int promoted = cluster.failOver(0);
        Thread.sleep(1_000);
        over.set(true);
        load.join();
        awaitEqual();
        assertThat(cluster.node(promoted).info("stats", "sync_full").orElseThrow())
                .as("snapshots by the promoted replica")
                .isLessThanOrEqualTo(1);
        assertThat(cluster.node(promoted).info("stats", "sync_partial_ok").orElseThrow())
                .isPositive();
    }

    /** Slots move to and fro while their keys are written with what must be executed once and in order. */
    @Test
    void slotsThatMoveUnderLoad() throws Exception {
        flow.start();
        moveUnderLoad(Integer.getInteger("cluster.moves", 20));
        awaitEqual();
    }

    /** The same by SCAN and notifications, with all types there before. */
    @Test
    void statesOfSlotsThatMoveUnderLoad() throws Exception {
        mix("before");
        flow.withSource("capture.mode", "scan")
                .withSource("notify.configure", "true")
                .start();
        awaitEqual();
        mix("live");
        moveUnderLoad(Integer.getInteger("cluster.moves", 8));
        awaitEqual();
    }

    private void moveUnderLoad(int moves) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread load = new Thread(() -> load(moves, over));
        load.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
        load.start();
        try {
            for (int i = 0; i < moves; i++) {
                int slot = slot(i % (moves / 2));
                cluster.move(slot, (cluster.owner(slot) + 1) % 3);
            }
        } finally {
            over.set(true);
            load.join();
        }
        assertThat(failure.get()).isNull();
    }

    @Test
    void aTopicWithAnotherNumberOfPartitionsIsRefused() throws Exception {
        String broker = Platform.shared().broker().bootstrap();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
            admin.createTopics(List.of(new NewTopic(flow.name, 2, (short) 1)))
                    .all()
                    .get();
        }
        flow.withSource("topic.partitions", "3").start();
        await().atMost(Flow.PATIENCE).untilAsserted(() -> assertThat(
                        flow.sourceRest().status(flow.sourceName()).failure())
                .contains("topic " + flow.name + " has 2 partitions, and topic.partitions is 3"));
    }

    private static int slot(int number) {
        return number * 7 % 5_000;
    }

    private void load(int moves, AtomicBoolean over) {
        try (ClusterClient client = new ClusterClient(cluster)) {
            for (int i = 0; !over.get(); i++) {
                String tag = "{" + SlotTag.of(slot(i % (moves / 2))) + "}";
                client.call("INCR", tag + "n");
                client.call("LPUSH", tag + "l", Integer.toString(i));
                client.call("SADD", tag + "s", Integer.toString(i % 50));
                if (i % 3 == 0) {
                    client.call("RENAME", tag + "n", tag + "m");
                } else if (i % 7 == 0) {
                    client.call("DEL", tag + "l");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void count(AtomicBoolean over) {
        try (ClusterClient client = new ClusterClient(cluster)) {
            for (int i = 0; !over.get(); i++) {
                client.call("INCR", "{" + SlotTag.of(SLOTS_OF_EACH[i % 3]) + "}count");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void mix(String name) {
        for (int i = 0; i < 3; i++) {
            int slot = SLOTS_OF_EACH[i];
            try (RedisClientOf node = client(cluster.owner(slot))) {
                new LiveMix(node, name + "{" + SlotTag.of(slot) + "}").runInOneSlot(i == 0);
            }
        }
    }

    private void awaitEqual() {
        await().atMost(Flow.PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
            assertThat(flow.sourceRest().status(flow.sourceName()).failure()).isNull();
            assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
            Map<String, String> expected = new TreeMap<>();
            for (int i = 0; i < cluster.size(); i++) {
                if (cluster.node(i).isAlive()
                        && cluster.node(i).call("ROLE") instanceof Reply.Array role
                        && role.elements().get(0).text().equals("master")) {
                    try (RedisClientOf node = client(i)) {
                        expected.putAll(node.contents());
                    }
                }
            }
            assertThat(flow.target().contents()).isEqualTo(expected);
        });
    }

    private RedisClientOf client(int node) {
        return new RedisClientOf("redis://" + cluster.node(node).address(), null);
    }
}
