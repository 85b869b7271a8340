package io.rediscdc.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.slot.Slot;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RedisClusterIT {

    @Test
    void movesSlotsAndFailsOver() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(3, 1)) {
            int slot = Slot.of("key".getBytes(StandardCharsets.UTF_8));
            assertThat(cluster.call("SET", "key", "1").text()).isEqualTo("OK");

            int from = cluster.owner(slot);
            int to = (from + 1) % 3;
            cluster.move(slot, to);
            assertThat(cluster.owner(slot)).isEqualTo(to);
            assertThat(cluster.call("INCR", "key").text()).isEqualTo("2");
            assertThat(cluster.node(to).call("WAIT", "1", "5000").text()).isEqualTo("1");

            int promoted = cluster.failOver(to);
            assertThat(promoted).isEqualTo(3 + to);
            assertThat(cluster.call("EXISTS", "key").text()).isEqualTo("1");
        }
    }
}
