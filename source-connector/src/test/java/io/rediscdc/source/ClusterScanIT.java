package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.testing.RedisCluster;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three masters, scanned by tasks. */
@Timeout(120)
class ClusterScanIT {

    private static final int MAX_RECORD = 20_000;

    @Test
    void scansAllMastersIntoThePartitionsOfTheirSlots() throws Exception {
        int partitions = 4;
        try (RedisCluster cluster = RedisCluster.start(3, 0);
                ClusterRun run = scanning(cluster, partitions, "snapshot")) {
            for (int i = 0; i < 300; i++) {
                run.call("SET", "key:" + i, "1");
            }
            run.call("SET", "large", "x".repeat(10 * MAX_RECORD));
            run.start(2);
            run.until(() -> run.published(Op.SNAPSHOT_END).count() == 3L * partitions);
            assertThat(run.published(Op.SET).filter(one -> one.change().state().isComplete()))
                    .hasSize(301)
                    .allSatisfy(one -> {
                        int slot = Slot.of(one.change().key().key());
                        assertThat(one.change().stamp().slot()).isEqualTo(slot);
                        assertThat(one.partition()).isEqualTo(Slot.partition(slot, partitions));
                        assertThat(one.change().stamp().origin().shard()).isEqualTo(cluster.id(cluster.owner(slot)));
                    });
            assertThat(run.published(Op.SNAPSHOT_END)
                            .mapToLong(end -> end.change().snapshot().counts().get(end.partition()))
                            .sum())
                    .isEqualTo(301);
            assertThat(run.published(Op.SNAPSHOT_BEGIN)
                            .map(begin ->
                                    SlotRanges.parse(begin.change().stamp().slots()))
                            .reduce(SlotRanges.NONE, SlotRanges::plus))
                    .isEqualTo(SlotRanges.ALL);

            // All is read: a restart begins nothing.
            run.stop();
            run.start(1);
            run.call("SET", "later", "1");
            run.rounds(20);
            assertThat(run.published(Op.SNAPSHOT_BEGIN)).hasSize(3 * partitions);
            assertThat(run.states("later")).isEmpty();
        }
    }

    /**
     * What a slot that moves leaves behind is deleted there, and what comes is read there, large or small. Without DUMP:
     * the others read with it.
     */
    @Test
    void changesAreFollowedWhereTheirSlotsAre() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(3, 0);
                ClusterRun run = scanning(cluster, 2, "live")) {
            for (int node = 0; node < 3; node++) {
                cluster.node(node).call("ACL", "SETUSER", "nodump", "on", ">p", "~*", "&*", "+@all", "-dump");
            }
            run.with("redis.username", "nodump");
            run.with("redis.password", "p");
            run.call("SET", "moved", "1");
            run.call("SET", "other{moved}", "1");
            run.call("SET", "large{moved}", "x".repeat(10 * MAX_RECORD));
            run.call("SET", "gone{moved}", "1");
            run.start(2);
            run.until(() -> run.published(Op.SNAPSHOT_END).count() == 3 * 2);

            int slot = Slot.of("moved".getBytes(StandardCharsets.UTF_8));
            int from = cluster.owner(slot);
            int to = (from + 1) % 3;
            run.call("SET", "moved", "2");
            run.until(() -> run.states("moved").size() == 2);
            run.call("DEL", "gone{moved}");
            cluster.beginMove(slot, from, to);
            // A key that no event tells of: it is found when all of the slot is read.
            cluster.node(to).call("DEBUG", "POPULATE", "1", "untold{moved}");
            cluster.migrateKeys(slot, from, to);
            cluster.settle(slot, to);
            run.until(() -> isLast(run, "untold{moved}:0", cluster.id(to), Op.SET));
            run.until(() -> Stream.of("moved", "other{moved}", "large{moved}")
                    .allMatch(key ->
                            isLast(run, key, cluster.id(from), Op.DEL) && isLast(run, key, cluster.id(to), Op.SET)));
            assertThat(run.states("gone{moved}")).extracting(Change::op).containsExactly(Op.SET, Op.DEL);
            run.until(() -> run.published(Op.HEARTBEAT)
                    .map(ClusterRun.Published::change)
                    .anyMatch(beat -> beat.stamp().origin().shard().equals(cluster.id(to))
                            && beat.stamp().slots() != null
                            && SlotRanges.parse(beat.stamp().slots()).contains(slot)));

            assertThat(run.states("moved"))
                    .filteredOn(change -> change.op() == Op.SET)
                    .allMatch(change -> change.state().value() != null);
            run.call("SET", "moved", "3");
            run.call("DEL", "other{moved}");
            run.until(() -> isLast(run, "other{moved}", cluster.id(to), Op.DEL));
            assertThat(run.published(Op.SNAPSHOT_BEGIN)).as("scans").hasSize(3 * 2);
        }
    }

    /** A promoted replica is another server: no cursor and no notification is of use there. */
    @Test
    void aShardWhoseMasterIsLostIsScannedAnew() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(3, 1);
                ClusterRun run = scanning(cluster, 1, "live")) {
            run.start(1);
            run.until(() -> run.published(Op.SNAPSHOT_END).count() == 3);
            run.call("SET", "key", "1");
            int master = cluster.owner(Slot.of("key".getBytes(StandardCharsets.UTF_8)));
            cluster.node(master).call("WAIT", "1", "5000");
            cluster.failOver(master);
            run.until(() -> run.published(Op.SNAPSHOT_END).count() >= 4);
            run.call("SET", "key", "2");
            int before = run.states("key").size();
            run.until(() -> run.states("key").size() > before);
            assertThat(run.states("key"))
                    .allMatch(change -> change.stamp().origin().shard().equals(cluster.id(master)));
        }
    }

    private static boolean isLast(ClusterRun run, String key, String shard, Op op) {
        return run.states(key).stream()
                .filter(change -> change.stamp().origin().shard().equals(shard))
                .reduce((first, second) -> second)
                .map(change ->
                        change.op() == op && (op == Op.DEL || change.state().isComplete()))
                .orElse(false);
    }

    private static ClusterRun scanning(RedisCluster cluster, int partitions, String mode) {
        ClusterRun run = new ClusterRun(cluster, partitions);
        Map.of(
                        "capture.mode",
                        "scan",
                        "scan.mode",
                        mode,
                        "notify.configure",
                        "true",
                        "max.record.bytes",
                        Integer.toString(MAX_RECORD))
                .forEach(run::with);
        return run;
    }
}
