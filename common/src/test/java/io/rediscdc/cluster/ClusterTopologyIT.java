package io.rediscdc.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.ClusterException;
import io.rediscdc.error.ClusterException.Fault;
import io.rediscdc.testing.RedisCluster;
import io.rediscdc.testing.RedisServer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterTopologyIT {

    private static final RedisAddress NOBODY = new RedisAddress("127.0.0.1", 1);

    @Test
    void asksAnySeedThatAnswersAndFindsTheOthers() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(3, 1);
                ClusterTopology topology = topology(null, null, NOBODY, at(cluster.node(1)))) {
            ClusterView view = topology.ask();
            assertThat(view.shards())
                    .extracting(shard -> shard.master().id())
                    .containsExactly(cluster.id(0), cluster.id(1), cluster.id(2));
            assertThat(view.shards().get(0).slots()).hasToString("0-5460");
            assertThat(topology.latest()).isSameAs(view);

            int promoted = cluster.failOver(1);
            view = topology.ask();
            assertThat(view.shards().get(1).master().id()).isEqualTo(cluster.id(promoted));
            assertThat(view.uncovered().isEmpty()).isTrue();
        }
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        assertFault(Fault.NODES, "127.0.0.1:1", NOBODY);
        try (RedisServer server = new RedisServer()) {
            assertFault(Fault.NODES, "is no node of a cluster", at(server));
        }
        try (RedisServer server = new RedisServer("--cluster-enabled", "yes")) {
            assertFault(Fault.NODES, "knows no master that owns slots", at(server));
            server.call("ACL", "SETUSER", "cdc", "on", ">secret", "+psync");
            assertThatThrownBy(() -> topology("cdc", "secret", at(server)).ask())
                    .hasMessageContaining("ACL SETUSER cdc +cluster|nodes")
                    .hasFieldOrPropertyWithValue("fault", Fault.RIGHTS);
            assertThatThrownBy(() -> topology("cdc", "wrong", at(server)).ask())
                    .hasFieldOrPropertyWithValue("fault", Fault.LOGIN);
        }
    }

    private static void assertFault(Fault fault, String message, RedisAddress... seeds) {
        assertThatThrownBy(() -> topology(null, null, seeds).ask())
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining(message)
                .hasFieldOrPropertyWithValue("fault", fault);
    }

    private static ClusterTopology topology(String username, String password, RedisAddress... seeds) {
        return new ClusterTopology(new ClusterOptions(List.of(seeds), username, password, 2_000));
    }

    private static RedisAddress at(RedisServer server) {
        return new RedisAddress("127.0.0.1", server.port());
    }
}
