package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.sink.target.TargetServer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens in a cluster whose slots move under load, and however the histories of its shards come one between the
 * other: in the end the target has what the cluster has. -Dview.runs=1000 looks longer, -Dview.seed=n at one run.
 */
class MovingSlotsIT {

    private static final int RUNS = Integer.getInteger("view.runs", 12);
    private static final int STEPS = Integer.getInteger("view.steps", 250);

    private RedisServer source;
    private RedisServer server;
    private TargetServer target;
    private PartitionWriter writer;
    private MockProducer<byte[], byte[]> kafka;
    private MovingSlots cluster;
    private Random random;
    private int next;
    private int read;

    @BeforeEach
    void start() {
        source = RedisServer.start();
        server = RedisServer.start();
        target = new TargetServer(new SinkConfig(props()).connection());
    }

    @AfterEach
    void stop() {
        if (writer != null) {
            writer.close();
        }
        target.close();
        server.close();
        source.close();
    }

    @Test
    void inTheEndTheTargetHasWhatTheClusterHas() {
        Long seed = Long.getLong("view.seed");
        long records = 0;
        long asked = 0;
        long moves = 0;
        for (long run = seed == null ? 0 : seed; run < (seed == null ? RUNS : seed + 1); run++) {
            run(run);
            records += cluster.topic().size();
            asked += kafka.history().size();
            moves += cluster.moves();
        }
        System.getLogger("view")
                .log(
                        System.Logger.Level.INFO,
                        RUNS + " runs, " + records + " records, " + moves + " slots moved, " + asked
                                + " keys asked for");
        assertThat(moves).isPositive();
        assertThat(asked).isPositive();
    }

    private void run(long seed) {
        RedisCommands<String, String> model = source.commands();
        RedisCommands<String, String> redis = server.commands();
        model.flushall();
        redis.flushall();
        random = new Random(seed);
        kafka = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        cluster = new MovingSlots(random, model, 2 + random.nextInt(2), System.currentTimeMillis());
        next = 0;
        read = 0;
        writer = writer();
        for (int i = 0; i < STEPS; i++) {
            cluster.step();
            if (random.nextInt(5) == 0) {
                apply(next + random.nextInt(Math.max(1, cluster.topic().size() - next)));
            }
            if (random.nextInt(8) == 0) {
                answer(random.nextInt(3));
            }
            if (random.nextInt(20) == 0) {
                cluster.answer(cluster.anyKey());
            }
            if (random.nextInt(30) == 0) {
                writer.close();
                writer = writer();
            }
        }
        cluster.settle();
        for (int i = 0; i < 30; i++) {
            apply(cluster.topic().size());
            answer(Integer.MAX_VALUE);
            cluster.rest();
        }
        apply(cluster.topic().size());
        assertThat(redis.keys("__redis-cdc:repairs:*"))
                .as("run %s: nothing is owed", seed)
                .isEmpty();
        assertThat(MovingSlots.contentsOf(redis)).as("run %s", seed).isEqualTo(cluster.contents());
        writer.close();
        writer = null;
    }

    /** The sink gets the topic up to there. */
    private void apply(int end) {
        for (int attempt = 0; attempt < 100; attempt++) {
            try {
                writer.startOfPut();
                writer.open();
                writer.startOfPut();
                while (next < end && !writer.isRepositioned()) {
                    writer.write(cluster.topic().get(next));
                    next += writer.isRepositioned() ? 0 : 1;
                }
                do {
                    writer.flush();
                } while (writer.isBusy());
                writer.flush();
                if (next >= end) {
                    return;
                }
            } catch (RedisCdcException e) {
                if (!e.isRetriable()) {
                    throw e;
                }
            }
        }
        throw new AssertionError("no success in 100 attempts");
    }

    /** The source answers some of the requests, perhaps much later than they were made. */
    private void answer(int most) {
        List<org.apache.kafka.clients.producer.ProducerRecord<byte[], byte[]>> requests = kafka.history();
        for (int i = 0; i < most && read < requests.size(); i++) {
            cluster.answer(RepairRequest.parse(requests.get(read++).value()));
        }
    }

    private PartitionWriter writer() {
        SinkConfig config = new SinkConfig(props());
        return new PartitionWriter(
                Feed.PARTITION,
                config,
                target,
                new RepairChannel(config.repair(), properties -> kafka),
                null,
                offset -> next = (int) offset,
                () -> cluster.clockMs());
    }

    private Map<String, String> props() {
        return Map.of("name", "test", "redis.address", server.address(), "repair.bootstrap.servers", "not.asked:9092");
    }
}
