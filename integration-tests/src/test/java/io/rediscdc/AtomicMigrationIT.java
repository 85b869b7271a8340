package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotTag;
import io.rediscdc.standalone.process.LocalPorts;
import io.rediscdc.standalone.process.RedisBinary;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From a cluster whose slots move as a whole, as Valkey can from 9.0 on and Redis from 8.4 on, to a server of the same build. Of
 * the servers of {@link ServerVersions}, where REDIS_MATRIX names some that can. -Dcluster.moves=n moves more.
 */
@Timeout(1_800)
class AtomicMigrationIT {

    private static final int MOVES = Integer.getInteger("cluster.moves", 20);

    /** Slots that move together: with these begin the ranges. */
    private static final int TOGETHER = 4;

    /** Of both partitions; among them those of the mix. */
    private static final List<Integer> RANGES = IntStream.concat(
                    IntStream.range(0, 3).map(i -> Slot.COUNT * i / 3 + 5),
                    IntStream.range(0, 20).map(i -> 40 + i * 811 % 16_000))
            .boxed()
            .toList();

    private static final List<String> TAGS = RANGES.stream()
            .flatMap(first -> Stream.of(first, first + TOGETHER - 1))
            .map(slot -> "{" + SlotTag.of(slot) + "}")
            .toList();

    @TempDir
    private Path directory;

    static List<RedisBinary> servers() throws IOException {
        return ServerVersions.named().stream()
                .filter(server -> server.path().toString().contains("valkey-9")
                        || server.path().toString().contains("redis-8.6"))
                .toList();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("servers")
    void slotsMoveAsAWholeUnderLoad(RedisBinary binary) throws Exception {
        RedisServer server = RedisServer.running(binary, directory, LocalPorts.free(), List.of());
        try (ClusterDeployment from = new ClusterDeployment(3, binary);
                Deployment to = new ServerDeployment(server);
                Flow flow = new Flow("atomic", from, to)
                        .withRepairs()
                        .withSource("tasks.max", "2")
                        .withSource("topic.partitions", "2")
                        .withSource("topic.creation.default.partitions", "2")) {
            from.mix("before", true);
            flow.start();
            ShapesIT.awaitEqual(flow, from, to);
            long start = System.nanoTime();
            long commands;
            try (Load load = new Load(from, TAGS)) {
                for (int i = 0; i < MOVES; i++) {
                    move(from.cluster(), i);
                }
                load.stop();
                commands = load.commands();
            }
            from.mix("after", true);
            long moved = System.nanoTime();
            ShapesIT.awaitEqual(flow, from, to);
            assertThat(to.contents()).isNotEmpty();
            System.getLogger("cluster")
                    .log(
                            System.Logger.Level.INFO,
                            binary.path().getParent().getFileName() + ": " + MOVES + " times " + TOGETHER
                                    + " slots in " + Duration.ofNanos(moved - start) + ", under " + commands
                                    + " commands, equal after " + Duration.ofNanos(System.nanoTime() - moved));
        }
    }

    private static void move(RedisCluster cluster, int number) throws InterruptedException {
        int first = RANGES.get(number % RANGES.size());
        int last = first + TOGETHER - 1;
        int owner = cluster.owner(first);
        int to = (owner + 1) % 3;
        if (number % 5 == 4) {
            cluster.beginAtomicMove(first, last, owner, to);
            Thread.sleep(number % 50);
            cluster.cancelAtomicMoves(owner, to); // unless it is over already
        }
        cluster.moveAtomically(first, last, (cluster.owner(first) + 1) % 3);
    }
}
