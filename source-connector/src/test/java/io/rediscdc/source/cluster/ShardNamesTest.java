package io.rediscdc.source.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.cluster.ClusterShard;
import io.rediscdc.cluster.ClusterView;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardNamesTest {

    private static final String A = "a".repeat(40);
    private static final String A2 = "2".repeat(40);
    private static final String B = "b".repeat(40);
    private static final String C = "c".repeat(40);
    private static final String WITH_REPLICA =
            master(A, "master", "0-8191") + replica(A2, A) + master(B, "master", "8192-16383");

    private ShardNames names = new ShardNames();

    @Test
    void aShardIsCalledByItsFirstMaster() {
        assertThat(match(WITH_REPLICA)).containsOnlyKeys(A, B);
    }

    @Test
    void aShardKeepsItsNameOverFailovers() {
        match(WITH_REPLICA);
        assertMasters(
                match(master(A, "master,fail", "")
                        + master(A2, "master", "0-8191")
                        + master(B, "master", "8192-16383")),
                A2,
                B);
        assertMasters(
                match(master(A2, "master", "0-8191") + replica(A, A2) + master(B, "master", "8192-16383")), A2, B);
        names = ShardNames.parse(names.toString());
        assertMasters(match(WITH_REPLICA), A, B);
    }

    @Test
    void aDeposedMasterThatDoesNotKnowItYetIsNoShard() {
        match(WITH_REPLICA);
        assertMasters(
                match(master(A, "master", "") + master(A2, "master", "0-8191") + master(B, "master", "8192-16383")),
                A2,
                B);
    }

    @Test
    void aMasterThatGaveItsSlotsAwayIsReadToItsEnd() {
        match(WITH_REPLICA);
        assertMasters(match(master(A, "master", "") + replica(A2, A) + master(B, "master", "0-16383")), A, B);
        // From 7.0 on it becomes a replica of who has them: its history is over.
        assertThat(match(replica(A, B) + replica(A2, B) + master(B, "master", "0-16383")))
                .containsOnlyKeys(B);
    }

    @Test
    void aNewMasterIsANewShardEvenUnderAnIdThatIsAName() {
        match(WITH_REPLICA);
        assertThat(match(WITH_REPLICA + master(C, "master", "1"))).containsOnlyKeys(A, B, C);
        // A's first master now has slots of its own, and its shard another master.
        match(master(A2, "master", "0-8191") + replica(A, A2) + master(B, "master", "8192-16383"));
        assertThat(match(master(A2, "master", "0-100")
                        + master(A, "master", "101-8191")
                        + master(B, "master", "8192-16383")))
                .containsOnlyKeys(A, A + ".2", B);
    }

    private Map<String, ClusterShard> match(String nodes) {
        return names.match(ClusterView.parse(nodes, new RedisAddress("asked", 1)));
    }

    private static void assertMasters(Map<String, ClusterShard> shards, String ofA, String ofB) {
        assertThat(shards).containsOnlyKeys(A, B);
        assertThat(shards.get(A).master().id()).isEqualTo(ofA);
        assertThat(shards.get(B).master().id()).isEqualTo(ofB);
    }

    private static String master(String id, String flags, String slots) {
        return id + " 10.0.0.1:1@2 " + flags + " - 0 0 1 connected " + slots + "\n";
    }

    private static String replica(String id, String of) {
        return id + " 10.0.0.1:2@3 slave " + of + " 0 0 1 connected\n";
    }
}
