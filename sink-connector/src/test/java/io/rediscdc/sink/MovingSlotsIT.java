package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;
import java.util.Random;
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

    private RedisServer source;

    private long records;
    private long asked;
    private long moves;

    @BeforeEach
    void start() {
        source = RedisServer.start();
    }

    @AfterEach
    void stop() {
        source.close();
    }

    @Test
    void inTheEndTheTargetHasWhatTheClusterHas() throws Exception {
        try (SlotTarget target = new ServerSlotTarget()) {
            run(target, RUNS);
        }
    }

    @Test
    void alsoACluster() throws Exception {
        try (SlotTarget target = new ClusterSlotTarget()) {
            run(target, CLUSTER_RUNS);
        }
    }

    private void run(SlotTarget target, int runs) throws InterruptedException {
        Long seed = Long.getLong("view.seed");
        for (long run = seed == null ? 0 : seed; run < (seed == null ? runs : seed + 1); run++) {
            run(target, run);
        }
        System.getLogger("view")
                .log(
                        System.Logger.Level.INFO,
                        runs + " runs, " + records + " records, " + moves + " slots moved, " + asked
                                + " keys asked for");
        assertThat(moves).isPositive();
        assertThat(asked).isPositive();
    }

    private void run(SlotTarget target, long seed) throws InterruptedException {
        RedisCommands<String, String> model = source.commands();
        model.flushall();
        target.clear();
        Random random = new Random(seed);
        MovingSlots cluster = new MovingSlots(random, model, 2 + random.nextInt(2), System.currentTimeMillis());
        try (SlotFollower sink = new SlotFollower(cluster, target)) {
            for (int i = 0; i < STEPS; i++) {
                step(random, cluster, sink, target);
            }
            target.settle();
            cluster.settle();
            settle(cluster, sink);
            assertThat(target.owes()).as("run %s: something is owed", seed).isFalse();
            assertThat(target.contents()).as("run %s", seed).isEqualTo(cluster.contents());
            records += cluster.topic().size();
            asked += sink.asked();
            moves += cluster.moves();
        }
    }

    private static void step(Random random, MovingSlots cluster, SlotFollower sink, SlotTarget target)
            throws InterruptedException {
        cluster.step();
        if (random.nextInt(5) == 0) {
            sink.apply(sink.next() + random.nextInt(Math.max(1, sink.behind())));
        }
        if (random.nextInt(8) == 0) {
            sink.answer(random.nextInt(3));
        }
        if (random.nextInt(6) == 0) {
            cluster.answer(cluster.anyKey());
        }
        if (random.nextInt(12) == 0) {
            target.happen(random);
        }
        if (random.nextInt(30) == 0) {
            sink.restart();
        }
    }

    /** Nothing happens any more but heartbeats and answers. */
    private static void settle(MovingSlots cluster, SlotFollower sink) throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            sink.applyAll();
            sink.answer(Integer.MAX_VALUE);
            cluster.rest();
        }
        sink.applyAll();
        for (int i = 0; i < 200 && sink.isUnsettled(); i++) {
            Thread.sleep(50); // slots that have just arrived are looked for every second, and read again what waited
            sink.answer(Integer.MAX_VALUE);
            cluster.rest();
            sink.applyAll();
        }
    }
}
