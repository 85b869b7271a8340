package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.testing.RedisCluster;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three masters, read by tasks. */
@Timeout(120)
class ClusterSourceIT {

    @Test
    void readsAllShardsIntoThePartitionsOfTheirSlots() throws Exception {
        int partitions = 4;
        try (RedisCluster cluster = RedisCluster.start(3, 0);
                ClusterRun run = new ClusterRun(cluster, partitions)) {
            for (int i = 0; i < 300; i++) {
                run.call("SET", "before:" + i, "1");
            }
            assertThat(run.start(2)).hasSize(2);
            run.until(() -> run.published(Op.SNAPSHOT_END).count() == 3L * partitions);
            assertThat(run.published(Op.SET)).hasSize(300);
            assertThat(run.published(Op.SNAPSHOT_END)
                            .mapToLong(end -> end.change().snapshot().counts().get(end.partition()))
                            .sum())
                    .isEqualTo(300);
            SlotRanges begun = run.published(Op.SNAPSHOT_BEGIN)
                    .map(begin -> SlotRanges.parse(begin.change().stamp().slots()))
                    .reduce(SlotRanges.NONE, SlotRanges::plus);
            assertThat(begun).isEqualTo(SlotRanges.ALL);

            for (int i = 0; i < 300; i++) {
                run.call("INCR", "live:" + i % 30);
            }
            cluster.node(0).call("FLUSHALL");
            run.until(() -> run.published(Op.FLUSH).count() == partitions
                    && run.published(Op.COMMAND).count() >= 300);
            for (int i = 0; i < 30; i++) {
                assertThat(run.count("INCR", "live:" + i)).isEqualTo(10);
            }
            assertThat(run.published(Op.FLUSH)
                            .map(flush ->
                                    SlotRanges.parse(flush.change().stamp().slots()))
                            .reduce(SlotRanges.NONE, SlotRanges::plus))
                    .hasToString("0-5460");
            for (Op op : List.of(Op.SET, Op.COMMAND)) {
                assertThat(run.published(op)).allSatisfy(one -> {
                    int slot = Slot.of(one.change().key().key());
                    assertThat(one.change().stamp().slot()).isEqualTo(slot);
                    assertThat(one.partition()).isEqualTo(Slot.partition(slot, partitions));
                });
            }
            // All partitions move on, and know who has which slots.
            long offset = run.published(Op.FLUSH)
                    .findFirst()
                    .orElseThrow()
                    .change()
                    .stamp()
                    .position()
                    .offset();
            run.until(() -> run.published(Op.HEARTBEAT)
                            .filter(beat -> beat.change().stamp().position().offset() > offset)
                            .map(beat -> beat.change().stamp().origin().shard() + "@" + beat.partition())
                            .distinct()
                            .count()
                    >= partitions);
            assertThat(run.published(Op.HEARTBEAT)
                            .map(ClusterRun.Published::change)
                            .filter(beat -> beat.stamp().slotEpoch() != null)
                            .map(beat -> SlotRanges.parse(beat.stamp().slots()))
                            .reduce(SlotRanges.NONE, SlotRanges::plus))
                    .isEqualTo(SlotRanges.ALL);
        }
    }

    @Test
    void aShardKeepsItsNameAndItsPlaceOverAFailoverAndARestart() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(3, 1, "--repl-backlog-size", "16mb");
                ClusterRun run = new ClusterRun(cluster, 1)) {
            List<String> shards = run.start(1);
            run.until(() -> run.published(Op.SNAPSHOT_END).count() == 3);
            for (int i = 0; i < 300; i++) {
                run.call("INCR", "k" + i % 30);
            }
            cluster.awaitReplica(3, 0);
            int promoted = cluster.failOver(0);
            for (int i = 0; i < 300; i++) {
                run.call("INCR", "k" + i % 30);
            }
            run.until(() -> run.published(Op.COMMAND).count() >= 600);
            run.stop();

            run.call("INCR", "while:away");
            assertThat(run.start(1)).isEqualTo(shards);
            run.until(() -> run.count("INCR", "while:away") == 1);
            assertThat(run.published(Op.SNAPSHOT_BEGIN)).hasSize(3);
            for (int i = 0; i < 30; i++) {
                assertThat(run.count("INCR", "k" + i)).isEqualTo(20);
            }
            assertThat(run.published(Op.COMMAND)
                            .map(one -> one.change().stamp().origin().shard())
                            .collect(Collectors.toSet()))
                    .isEqualTo(Set.of(shards.get(0).split(",", -1)))
                    .doesNotContain(cluster.id(promoted));
        }
    }

    @Test
    void aNewShardIsReadAndSlotsChangeHandsUntilItHasNone() throws Exception {
        try (Warnings warnings = Warnings.of(ShardAssignment.class);
                RedisCluster cluster = RedisCluster.start(3, 0);
                ClusterRun run = new ClusterRun(cluster, 1)) {
            run.start(2);
            run.until(() -> run.published(Op.SNAPSHOT_END).count() == 3);
            int added = cluster.addMaster();
            int slot = Slot.of("moved".getBytes(StandardCharsets.UTF_8));
            run.call("SET", "moved", "1");
            cluster.move(slot, added);
            run.call("INCR", "moved");
            run.until(() -> run.reassignments() == 1);
            run.stopTasks();
            assertThat(String.join(",", run.startTasks(2)).split(",", -1))
                    .hasSize(4)
                    .contains(cluster.id(added));
            run.until(() -> run.published(Op.SNAPSHOT_END).count() == 4);
            Change begin = run.published(Op.SNAPSHOT_BEGIN)
                    .reduce((first, second) -> second)
                    .orElseThrow()
                    .change();
            assertThat(begin.stamp().slots()).isEqualTo(Integer.toString(slot));

            cluster.move(slot, 0);
            run.until(() -> run.published(Op.HEARTBEAT)
                    .map(ClusterRun.Published::change)
                    .anyMatch(beat -> beat.stamp().origin().shard().equals(cluster.id(0))
                            && beat.stamp().slots() != null
                            && SlotRanges.parse(beat.stamp().slots()).contains(slot)
                            && beat.stamp().slotEpoch() > begin.stamp().slotEpoch()));

            // It is a replica of the other now.
            run.until(() -> run.reassignments() == 2);
            assertThat(warnings.lines())
                    .singleElement()
                    .asString()
                    .contains("Shard " + cluster.id(added) + " has given its last slot away");
            run.stopTasks();
            assertThat(String.join(",", run.startTasks(2)).split(",", -1))
                    .hasSize(3)
                    .doesNotContain(cluster.id(added));
            run.until(() -> run.published(Op.HEARTBEAT)
                    .map(ClusterRun.Published::change)
                    .anyMatch(beat -> beat.stamp().origin().shard().equals(cluster.id(added))
                            && beat.stamp().origin().node() == null
                            && beat.stamp().slots() != null
                            && beat.stamp().slots().isEmpty()));
        }
    }
}
