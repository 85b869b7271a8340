package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.slot.SlotTag;
import io.rediscdc.testing.RedisCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From a cluster of three masters to another one, in two partitions: slots move at both at the same time while their keys are
 * written to, then a master of each dies. -Dcluster.moves=n moves more; -Dcluster.move.at=source or target
 * only there, several after one another: source,target,both.
 */
@Timeout(1_800)
class ClusterToClusterIT {

    private static final int MOVES = Integer.getInteger("cluster.moves", 12);

    /** Of both partitions. */
    private static final List<Integer> SLOTS =
            IntStream.range(0, 50).map(i -> i * 331 % 16_384).boxed().toList();

    private static final List<String> TAGS =
            SLOTS.stream().map(slot -> "{" + SlotTag.of(slot) + "}").toList();

    private ClusterDeployment from;
    private ClusterDeployment to;
    private Flow flow;

    @BeforeEach
    void start() {
        from = new ClusterDeployment(3);
        to = new ClusterDeployment(3);
        flow = new Flow("clusters", from, to)
                .withRepairs()
                .withSource("tasks.max", "2")
                .withSink("tasks.max", "2")
                .withSource("topic.partitions", "2")
                .withSource("topic.creation.default.partitions", "2");
    }

    @AfterEach
    void stop() {
        flow.close();
        from.close();
        to.close();
    }

    static Stream<String> places() {
        return Stream.of(System.getProperty("cluster.move.at", "both").split(",", -1));
    }

    @ParameterizedTest
    @MethodSource("places")
    void slotsMoveUnderLoadAndAMasterOfEachDies(String place) throws Exception {
        from.mix("before", true);
        flow.start();
        from.mix("live", true);
        ShapesIT.awaitEqual(flow, from, to);
        try (Load load = new Load(from, TAGS)) {
            List<Thread> movers = new ArrayList<>();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            if (!place.equals("target")) {
                movers.add(mover(from.cluster(), 1, failure));
            }
            if (!place.equals("source")) {
                movers.add(mover(to.cluster(), 2, failure));
            }
            long start = System.nanoTime();
            for (Thread mover : movers) {
                mover.join();
            }
            assertThat(failure.get()).isNull();
            load.stop();
            System.getLogger("cluster")
                    .log(
                            System.Logger.Level.INFO,
                            MOVES + " slots moved, at " + place + ", in "
                                    + Duration.ofNanos(System.nanoTime() - start) + ", under " + load.commands()
                                    + " commands");
        }
        long start = System.nanoTime();
        ShapesIT.awaitEqual(flow, from, to);
        System.getLogger("cluster")
                .log(System.Logger.Level.INFO, "equal after " + Duration.ofNanos(System.nanoTime() - start));
        try (Load load = new Load(from, TAGS)) {
            to.failOver();
            from.failOver();
            load.stop();
        }
        ShapesIT.awaitEqual(flow, from, to);
    }

    private static Thread mover(RedisCluster cluster, int step, AtomicReference<Throwable> failure) {
        Thread mover = new Thread(() -> {
            try {
                for (int i = 0; i < MOVES; i++) {
                    int slot = SLOTS.get(i * step % SLOTS.size());
                    cluster.move(slot, (cluster.owner(slot) + 1) % 3);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        mover.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
        mover.start();
        return mover;
    }
}
