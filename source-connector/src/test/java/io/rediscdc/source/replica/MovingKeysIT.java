package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.slot.Slot;
import io.rediscdc.testing.RedisCluster;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of each key, exactly one shard says what state it has, or none while that cannot be known. */
class MovingKeysIT {

    private static final byte[] HERE = "{tag}here".getBytes(StandardCharsets.UTF_8);
    private static final byte[] GONE = "{tag}gone".getBytes(StandardCharsets.UTF_8);

    @Test
    void whoHasAKeyAnswersForIt() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(2, 0)) {
            int slot = Slot.of(HERE);
            int from = cluster.owner(slot);
            int to = 1 - from;
            cluster.call("SET", "{tag}here", "1");
            assertAnswers(cluster, from, "here=1", "gone=-");
            assertAnswers(cluster, to);

            String number = Integer.toString(slot);
            cluster.node(to).call("CLUSTER", "SETSLOT", number, "IMPORTING", cluster.id(from));
            cluster.node(from).call("CLUSTER", "SETSLOT", number, "MIGRATING", cluster.id(to));
            assertAnswers(cluster, from, "here=1");
            assertAnswers(cluster, to);

            cluster.migrateKeys(slot, from, to);
            assertAnswers(cluster, from);
            assertAnswers(cluster, to, "here=1");

            for (int node : new int[] {to, from}) {
                cluster.node(node).call("CLUSTER", "SETSLOT", number, "NODE", cluster.id(to));
            }
            assertAnswers(cluster, from);
            assertAnswers(cluster, to, "here=1", "gone=-");
        }
    }

    private static void assertAnswers(RedisCluster cluster, int node, String... expected) {
        ReplicaOptions options = new ReplicaOptions(
                List.of(),
                ReadFrom.MASTER,
                null,
                null,
                "0",
                false,
                1 << 20,
                0,
                1_000,
                AckMode.NONE,
                new LinkOptions(2_000, 2_000, 60_000, SpoolOptions.memory(1 << 20)));
        try (StateReader reader = new StateReader(options, true, StateReader.Purpose.REPAIR)) {
            StateReader.Answer answer = reader.read(
                    new RedisAddress("127.0.0.1", cluster.node(node).port()),
                    List.of(new ChangeKey(0, HERE), new ChangeKey(0, GONE)));
            assertThat(answer.leftOut()).isZero();
            assertThat(answer.states().stream()
                            .flatMap(states -> states.states().stream())
                            .map(state -> new String(state.key().key(), StandardCharsets.UTF_8).substring(5) + "="
                                    + (state.state() == null ? "-" : "1")))
                    .containsExactly(expected);
        }
    }
}
