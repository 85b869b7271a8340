package io.rediscdc.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterViewTest {

    private static final String A = "a".repeat(40);
    private static final String B = "b".repeat(40);
    private static final String C = "c".repeat(40);
    private static final String D = "d".repeat(40);
    private static final String E = "e".repeat(40);
    private static final RedisAddress ASKED = new RedisAddress("asked", 7000);

    @Test
    void readsShardsWithTheirReplicas() {
        ClusterView view = ClusterView.parse(
                String.join(
                        "\n",
                        A + " 10.0.0.1:7000@17000 myself,master - 0 0 3 connected 8192-16383 0 [7->-" + B + "]",
                        B + " 10.0.0.2:7001@17001 master - 0 1 5 connected 1-8191",
                        C + " 10.0.0.3:7002@17002 slave " + B + " 0 1 5 connected",
                        D + " 10.0.0.4:7003@17003 master,fail - 0 1 2 disconnected",
                        E + " 10.0.0.5:7004@17004 handshake - 0 0 0 disconnected",
                        ""),
                ASKED);
        List<ClusterShard> shards = view.shards();
        assertThat(shards).extracting(shard -> shard.master().id()).containsExactly(A, B);
        assertThat(shards.get(0).slots()).hasToString("0,8192-16383");
        assertThat(shards.get(0).master().migrating()).containsEntry(7, B);
        assertThat(shards.get(1).addresses(true))
                .containsExactly(new RedisAddress("10.0.0.2", 7001), new RedisAddress("10.0.0.3", 7002));
        assertThat(view.nodes()).hasSize(4);
        assertThat(view.epoch()).isEqualTo(5);
        assertThat(view.uncovered().isEmpty()).isTrue();
        assertThat(view.owner(0)).contains(shards.get(0));
        assertThat(view.shardOf(C)).contains(shards.get(1));
        assertThat(view.shardOf(D)).isEmpty();
    }

    @Test
    void readsAddressesOfAllVersions() {
        assertThat(address("10.0.0.1:7000", "master")).isEqualTo(new RedisAddress("10.0.0.1", 7000));
        assertThat(address("10.0.0.1:7000@17000", "master")).isEqualTo(new RedisAddress("10.0.0.1", 7000));
        assertThat(address("fe80::1:7000@17000", "master")).isEqualTo(new RedisAddress("fe80::1", 7000));
        assertThat(address("10.0.0.1:7000@17000,redis-1", "master")).isEqualTo(new RedisAddress("10.0.0.1", 7000));
        assertThat(address("10.0.0.1:7000@17000,,shard-id=" + A, "master"))
                .isEqualTo(new RedisAddress("10.0.0.1", 7000));
        assertThat(address("?:7000@17000,redis-1,shard-id=" + A, "master"))
                .isEqualTo(new RedisAddress("redis-1", 7000));
        assertThat(address(":7000@17000", "myself,master")).isEqualTo(ASKED);
        assertThat(address(":0@0", "master,noaddr")).isNull();
    }

    @Test
    void refusesWhatIsNoAnswerToClusterNodes() {
        assertThatThrownBy(() -> ClusterView.parse("hello", ASKED))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("CLUSTER NODES");
        assertThatThrownBy(() -> ClusterView.parse(A + " a:1@2 master - 0 0 x connected", ASKED))
                .hasMessageContaining("'x'");
        assertThatThrownBy(() -> ClusterView.parse(A + " a:1@2 master - 0 0 1 connected 5-99999", ASKED))
                .hasMessageContaining("5-99999");
    }

    private static RedisAddress address(String address, String flags) {
        return ClusterView.parse(A + " " + address + " " + flags + " - 0 0 1 connected 1", ASKED)
                .nodes()
                .get(0)
                .address();
    }
}
