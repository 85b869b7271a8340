package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.TargetServer;
import io.rediscdc.slot.Slot;
import io.rediscdc.testing.RedisCluster;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.sink.SinkRecord;
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

    /** Each master's writer sees that it is owed; the one of its slot asks, and the others only if nothing comes of that. */
    @Test
    void aKeyIsAskedForOnce() {
        MockProducer<byte[], byte[]> kafka =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        SinkConfig config = new SinkConfig(Map.of(
                "name", "asking", "redis.cluster.nodes", cluster.seeds(), "repair.bootstrap.servers", "not.asked:1"));
        AtomicLong clock = new AtomicLong(System.currentTimeMillis());
        try (TargetServer clients = new TargetServer(config.connection());
                ClusterTarget target = new ClusterTarget(config.connection(), clients)) {
            RepairChannel channel = new RepairChannel(config.repair(), DatabaseMap.IDENTITY, properties -> kafka);
            HistoryWriter writer =
                    new ClusterWriter(Feed.PARTITION, config, target, channel, null, offset -> {}, clock::get);
            writer.startOfPut();
            writer.open();
            writer.startOfPut();
            a.age(0).command("INCR", "bar");
            ChangeCodec codec = new ChangeCodec();
            for (SinkRecord record : a.from(0)) {
                Change change = codec.change(record.key(), record.value());
                writer.write(new Delivery(Feed.PARTITION, record.kafkaOffset(), change));
            }
            assertThat(asked(writer, kafka)).isZero();
            clock.addAndGet(10_000);
            assertThat(asked(writer, kafka)).isEqualTo(1);
            clock.addAndGet(40_000);
            assertThat(asked(writer, kafka)).as("asked again").isEqualTo(2);
            clock.addAndGet(40_000);
            assertThat(asked(writer, kafka)).as("by all").isEqualTo(2 + 3);
            writer.close();
        }
    }

    private static int asked(HistoryWriter writer, MockProducer<byte[], byte[]> kafka) {
        for (int i = 0; i < 3; i++) {
            writer.startOfPut();
            do {
                writer.flush();
            } while (writer.isBusy());
        }
        return kafka.history().size();
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
