package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.TargetServer;
import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens in a cluster whose slots move under load, and however the histories of its shards come one between the
 * other: in the end the target has what the cluster has; also if it is a cluster whose slots move. -Dview.runs=1000 looks
 * longer, -Dview.seed=n at one run; -Dview.cluster.runs=n is for the cluster.
 */
class MovingSlotsIT {

    private static final int RUNS = Integer.getInteger("view.runs", 12);
    private static final int CLUSTER_RUNS = Integer.getInteger("view.cluster.runs", 3);
    private static final int STEPS = Integer.getInteger("view.steps", 250);

    /** For what passes by itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private RedisServer source;
    private HistoryWriter writer;
    private MockProducer<byte[], byte[]> kafka;
    private MovingSlots cluster;
    private Random random;
    private int next;
    private int read;

    /** What Kafka has been told. */
    private long committed;

    /** What the history is applied to. */
    private interface Side extends AutoCloseable {

        HistoryWriter writer();

        void clear();

        /** Something happens to it; or, at the end, nothing more. */
        void happen(boolean end) throws InterruptedException;

        boolean owes();

        List<String> contents();

        @Override
        void close() throws IOException;
    }

    @BeforeEach
    void start() {
        source = RedisServer.start();
    }

    @AfterEach
    void stop() {
        if (writer != null) {
            writer.close();
        }
        source.close();
    }

    @Test
    void inTheEndTheTargetHasWhatTheClusterHas() throws Exception {
        try (Side target = new Server()) {
            run(target, RUNS);
        }
    }

    @Test
    void alsoACluster() throws Exception {
        try (Side target = new Cluster()) {
            run(target, CLUSTER_RUNS);
        }
    }

    private void run(Side target, int runs) throws InterruptedException {
        Long seed = Long.getLong("view.seed");
        long records = 0;
        long asked = 0;
        long moves = 0;
        for (long run = seed == null ? 0 : seed; run < (seed == null ? runs : seed + 1); run++) {
            run(target, run);
            records += cluster.topic().size();
            asked += kafka.history().size();
            moves += cluster.moves();
        }
        System.getLogger("view")
                .log(
                        System.Logger.Level.INFO,
                        runs + " runs, " + records + " records, " + moves + " slots moved, " + asked
                                + " keys asked for");
        assertThat(moves).isPositive();
        assertThat(asked).isPositive();
    }

    private void run(Side target, long seed) throws InterruptedException {
        RedisCommands<String, String> model = source.commands();
        model.flushall();
        target.clear();
        random = new Random(seed);
        kafka = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        cluster = new MovingSlots(random, model, 2 + random.nextInt(2), System.currentTimeMillis());
        next = 0;
        read = 0;
        committed = 0;
        writer = target.writer();
        for (int i = 0; i < STEPS; i++) {
            cluster.step();
            if (random.nextInt(5) == 0) {
                apply(next + random.nextInt(Math.max(1, cluster.topic().size() - next)));
            }
            if (random.nextInt(8) == 0) {
                answer(random.nextInt(3));
            }
            if (random.nextInt(6) == 0) {
                cluster.answer(cluster.anyKey());
            }
            if (random.nextInt(12) == 0) {
                target.happen(false);
            }
            if (random.nextInt(30) == 0) {
                writer.close();
                writer = target.writer();
                next = (int) committed;
            }
        }
        target.happen(true);
        cluster.settle();
        for (int i = 0; i < 30; i++) {
            apply(cluster.topic().size());
            answer(Integer.MAX_VALUE);
            cluster.rest();
        }
        apply(cluster.topic().size());
        for (int i = 0; i < 200 && (writer.confirmed() < next || target.owes()); i++) {
            Thread.sleep(50); // slots that have just arrived are looked for every second, and read again what waited
            answer(Integer.MAX_VALUE);
            cluster.rest();
            apply(cluster.topic().size());
        }
        assertThat(target.owes()).as("run %s: something is owed", seed).isFalse();
        assertThat(target.contents()).as("run %s", seed).isEqualTo(cluster.contents());
        writer.close();
        writer = null;
    }

    /** The sink gets the topic up to there. */
    private void apply(int end) throws InterruptedException {
        RedisCdcException last = null;
        for (Instant until = Instant.now().plus(PATIENCE); Instant.now().isBefore(until); ) {
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
                } while (writer.isBusy() && !writer.isRepositioned());
                writer.flush();
                committed = Math.max(committed, writer.confirmed());
                if (next >= end) {
                    return;
                }
            } catch (RedisCdcException e) {
                if (!e.isRetriable()) {
                    throw e;
                }
                last = e;
                Thread.sleep(5); // the nodes may not agree yet whose a slot is
            }
        }
        throw new AssertionError("no success in " + PATIENCE, last);
    }

    /** The source answers some of the requests, perhaps much later than they were made. */
    private void answer(int most) {
        List<ProducerRecord<byte[], byte[]>> requests = kafka.history();
        for (int i = 0; i < most && read < requests.size(); i++) {
            cluster.answer(RepairRequest.parse(requests.get(read++).value()));
        }
    }

    private void seek(long offset) {
        next = (int) offset;
    }

    private RepairChannel channel(SinkConfig config) {
        return new RepairChannel(config.repair(), DatabaseMap.IDENTITY, properties -> kafka);
    }

    private static SinkConfig config(String option, String value) {
        Map<String, String> props = new HashMap<>();
        props.put("name", "test");
        props.put("repair.bootstrap.servers", "not.asked:9092");
        props.put(option, value);
        return new SinkConfig(props);
    }

    private final class Server implements Side {

        private final RedisServer server = RedisServer.start();
        private final SinkConfig config = config("redis.address", server.address());
        private final TargetServer target = new TargetServer(config.connection());

        @Override
        public HistoryWriter writer() {
            return new PartitionWriter(
                    Feed.PARTITION,
                    config,
                    target,
                    channel(config),
                    null,
                    MovingSlotsIT.this::seek,
                    () -> cluster.clockMs());
        }

        @Override
        public void clear() {
            server.commands().flushall();
        }

        @Override
        public void happen(boolean end) {
            // It is one server.
        }

        @Override
        public boolean owes() {
            return !server.commands().keys("__redis-cdc:repairs:*").isEmpty();
        }

        @Override
        public List<String> contents() {
            return MovingSlots.contentsOf(key -> MovingSlots.value(server.commands(), key));
        }

        @Override
        public void close() {
            target.close();
            server.close();
        }
    }

    /** Three masters, between which the slots of the keys move. */
    private final class Cluster implements Side {

        private final RedisCluster nodes = RedisCluster.start(3, 0);
        private final SinkConfig config = config("redis.cluster.nodes", nodes.seeds());
        private final TargetServer clients = new TargetServer(config.connection());
        private final ClusterTarget target = new ClusterTarget(config.connection(), clients);

        /** A slot on its way, and between which nodes; -1 for none. */
        private int half = -1;

        private int from;
        private int to;

        Cluster() throws IOException, InterruptedException {}

        @Override
        public HistoryWriter writer() {
            return new ClusterWriter(
                    Feed.PARTITION,
                    config,
                    target,
                    channel(config),
                    null,
                    MovingSlotsIT.this::seek,
                    () -> cluster.clockMs());
        }

        @Override
        public void clear() {
            for (int i = 0; i < nodes.size(); i++) {
                nodes.node(i).call("FLUSHALL");
            }
        }

        @Override
        public void happen(boolean end) throws InterruptedException {
            if (half >= 0) {
                nodes.migrateKeys(half, from, to);
                nodes.settle(half, to);
                half = -1;
            } else if (!end) {
                half = MovingSlots.anySlot(random);
                from = nodes.owner(half);
                to = (from + 1) % 3;
                nodes.beginMove(half, from, to);
            }
        }

        @Override
        public boolean owes() {
            for (int i = 0; i < nodes.size(); i++) {
                if (((Reply.Array) nodes.node(i).call("KEYS", "__redis-cdc:repairs:*"))
                                .elements()
                                .size()
                        > 0) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public List<String> contents() {
            return MovingSlots.contentsOf(this::value);
        }

        private String value(String key) {
            String type = nodes.call("TYPE", key).text();
            return switch (type) {
                case "string" -> nodes.call("GET", key).text();
                case "list" ->
                    ((Reply.Array) nodes.call("LRANGE", key, "0", "-1"))
                            .elements().stream().map(Reply::text).toList().toString();
                default -> type;
            };
        }

        @Override
        public void close() throws IOException {
            target.close();
            clients.close();
            nodes.close();
        }
    }
}
