package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.slot.Slot;
import io.rediscdc.testing.RedisCluster;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From a cluster to a cluster: what is known of a key that has moved at the source stays so when its slot moves at the target. */
@Timeout(60)
class ClusterViewIT {

    private static final int SLOT = Slot.of("bar".getBytes(StandardCharsets.UTF_8));

    private final Feed a = new Feed();
    private final Feed b = a.beside("b");
    private RedisCluster cluster;
    private SinkRun run;
    private Pump pump;
    private int from;
    private int to;

    /** The key "bar", of a slot of the first shard, has gone to the second one. */
    @BeforeEach
    void start() throws Exception {
        cluster = RedisCluster.start(3, 0);
        run = new SinkRun(cluster)
                .with("repair.bootstrap.servers", "127.0.0.1:1")
                .start();
        a.age(20_000).begin("0-8191", 1).end(0);
        b.age(20_000).begin("8192-16383", 1).end(0);
        a.command("SET", "bar", "1");
        b.command("INCR", "bar");
        b.age(0).answer("bar", "5");
        b.command("INCR", "bar");
        pump = new Pump(run, a);
        pump.all();
        assertThat(cluster.call("GET", "bar").text()).isEqualTo("6");
        from = cluster.owner(SLOT);
        to = (from + 1) % 3;
    }

    @AfterEach
    void stop() throws Exception {
        run.stop();
        cluster.close();
    }

    @Test
    void theKeysSlotMoves() throws Exception {
        cluster.move(SLOT, to);
        assertTheLateDeletionIsNotApplied();
    }

    @Test
    void theKeysSlotIsYieldedBeforeItMoves() throws Exception {
        cluster.beginMove(SLOT, from, to);
        a.command("INCR", "hello");
        b.command("INCR", "bar");
        pump.put();
        cluster.migrateKeys(SLOT, from, to);
        cluster.settle(SLOT, to);
        pump.all();
        assertThat(cluster.call("GET", "bar").text()).isEqualTo("7");
        assertTheLateDeletionIsNotApplied();
    }

    private void assertTheLateDeletionIsNotApplied() throws Exception {
        String before = cluster.call("GET", "bar").text();
        a.command("DEL", "bar");
        pump.all();
        assertThat(cluster.call("GET", "bar").text()).isEqualTo(before);
        b.command("INCR", "bar");
        pump.all();
        assertThat(cluster.call("GET", "bar").text()).isEqualTo(Integer.toString(Integer.parseInt(before) + 1));
    }
}
