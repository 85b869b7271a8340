package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A shard's other nodes continue where the one we read from went away. */
class FailoverIT {

    private RedisServer master;
    private RedisServer replica;
    private RedisServer to;
    private RedisClientOf replicaClient;
    private Flow flow;

    @BeforeEach
    void startFlow() {
        master = RedisServer.running();
        replica = RedisServer.running("--replicaof", "127.0.0.1", "" + master.port());
        to = RedisServer.running();
        replicaClient = new RedisClientOf(replica);
        await().untilAsserted(() -> assertThat(replicaClient.info("replication", "master_link_status"))
                .isEqualTo("up"));
        flow = new Flow("failover", master, to).withSource("redis.address", master.address() + "," + replica.address());
        increment(flow.source(), 100);
        flow.start().awaitCaughtUp();
    }

    @AfterEach
    void stopServers() {
        replicaClient.close();
        flow.close();
        master.close();
        replica.close();
        to.close();
    }

    @Test
    void prefersTheReplicaAndGoesOnAtTheMasterWhenItDies() {
        assertThat(replicaClient.info("replication", "connected_slaves")).isEqualTo("1");
        assertThat(flow.source().info("replication", "connected_slaves")).isEqualTo("1");
        String fullBefore = flow.source().info("stats", "sync_full");

        replica.kill();
        increment(flow.source(), 500);
        flow.awaitCaughtUp();

        assertThat(flow.source().info("stats", "sync_full")).isEqualTo(fullBefore);
        assertThat(Long.parseLong(flow.source().info("stats", "sync_partial_ok")))
                .isPositive();
        assertThat(flow.target().text("GET", "counter")).isEqualTo("600");
        assertThat(flow.target().text("GET", "other")).isEqualTo("600");
    }

    @Test
    void continuesAtThePromotedReplicaWithItsNewHistory() {
        String oldHistory = flow.source().info("replication", "master_replid");
        String fullBefore = replicaClient.info("stats", "sync_full");
        increment(flow.source(), 200);
        flow.awaitCaughtUp();

        master.kill();
        replicaClient.call("REPLICAOF", "NO", "ONE");
        increment(replicaClient, 300);

        await().atMost(Flow.PATIENCE).untilAsserted(() -> {
            assertThat(flow.target().text("GET", "counter")).isEqualTo("600");
            assertThat(flow.target().text("GET", "other")).isEqualTo("600");
        });
        String newHistory = replicaClient.info("replication", "master_replid");
        assertThat(newHistory).isNotEqualTo(oldHistory);
        assertThat(replicaClient.info("stats", "sync_full")).isEqualTo(fullBefore);
        await().untilAsserted(() -> assertThat(Platform.shared()
                        .rest()
                        .offsets(flow.sourceName())
                        .at("/offsets/0/offset/replid")
                        .asText())
                .isEqualTo(newHistory));
    }

    private static void increment(RedisClientOf client, int times) {
        for (int i = 0; i < times; i++) {
            client.call("INCR", "counter");
            client.call("MULTI");
            client.call("INCR", "other");
            client.call("APPEND", "text", "x");
            client.call("EXEC");
        }
    }
}
