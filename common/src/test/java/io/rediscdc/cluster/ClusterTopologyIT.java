package io.rediscdc.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.ClusterException;
import io.rediscdc.error.ClusterException.Fault;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterTopologyIT {

    private static final RedisAddress NOBODY = new RedisAddress("127.0.0.1", 1);

    @Test
    void asksAnySeedThatAnswers() throws Exception {
        try (RedisServer server = clusterNode()) {
            server.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            try (ClusterTopology topology = topology(null, null, NOBODY, at(server))) {
                ClusterView view = topology.ask();
                assertThat(view.shards()).hasSize(1);
                assertThat(view.shards().get(0).master().address()).isEqualTo(at(server));
                assertThat(topology.latest()).isSameAs(view);
            }
        }
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        assertFault(Fault.NODES, "127.0.0.1:1", NOBODY);
        try (RedisServer server = new RedisServer()) {
            assertFault(Fault.NODES, "is no node of a cluster", at(server));
        }
        try (RedisServer server = clusterNode()) {
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

    /** With a port for its bus that there is: by default it is 10000 above its own. */
    private static RedisServer clusterNode() throws IOException, InterruptedException {
        try (ServerSocket socket = new ServerSocket(0)) {
            int busPort = socket.getLocalPort();
            socket.close();
            return new RedisServer("--cluster-enabled", "yes", "--cluster-port", Integer.toString(busPort));
        }
    }

    private static RedisAddress at(RedisServer server) throws IOException {
        return new RedisAddress("127.0.0.1", server.port());
    }
}
