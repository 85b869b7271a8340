package io.rediscdc.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

class ConnectionConfigTest {

    private static final ConfigDef DEF = ConnectionConfig.defineCluster(ConnectionConfig.define(new ConfigDef()));

    @Test
    void readsItsOptions() {
        ConnectionConfig config = ConnectionConfig.of(new AbstractConfig(
                DEF, Map.of("redis.address", "[::1]:7000", "redis.username", "", "redis.password", "s3cret"), false));
        assertThat(config.address()).isEqualTo(new RedisAddress("::1", 7000));
        assertThat(config.username()).isNull();
        assertThat(config.password().value()).isEqualTo("s3cret");
        assertThat(config.validationEnabled()).isTrue();
        assertThat(config.toString()).doesNotContain("s3cret");
    }

    @Test
    void attachesMessagesToTheOptionTheyAreAbout() {
        assertThat(errors(Map.of())).containsOnlyKeys("redis.address");
        assertThat(errors(Map.of("redis.address", "host:nine")))
                .containsOnlyKeys("redis.address")
                .extractingByKey("redis.address")
                .asString()
                .contains("port between 1 and 65535");
        assertThat(errors(Map.of("redis.address", "a:1", "redis.connect.timeout.ms", "0")))
                .containsOnlyKeys("redis.connect.timeout.ms");
        assertThat(errors(Map.of("redis.address", "a:1", "redis.username", "u")))
                .containsOnlyKeys("redis.password");
        assertThat(errors(Map.of("redis.address", "a:1", "redis.username", "u", "redis.password", "p")))
                .isEmpty();
    }

    @Test
    void takesANameAndSentinelsInPlaceOfAnAddress() {
        Map<String, String> props = Map.of(
                "redis.sentinel.master", "shop",
                "redis.sentinel.nodes", "a,b:7",
                "redis.sentinel.password", "s3cret");
        assertThat(errors(props)).isEmpty();
        ConnectionConfig config = ConnectionConfig.of(new AbstractConfig(DEF, props, false));
        assertThat(config.addresses()).isEmpty();
        assertThat(config.sentinel().nodes()).containsExactly(new RedisAddress("a", 26379), new RedisAddress("b", 7));
        assertThat(config.sentinel().password()).isEqualTo("s3cret");
        assertThat(config.server()).isEqualTo("master 'shop'");
        assertThat(config.toString()).doesNotContain("s3cret");
    }

    @Test
    void takesNodesOfACluster() {
        Map<String, String> props = Map.of("redis.cluster.nodes", "a,b:7", "redis.password", "s3cret");
        assertThat(errors(props)).isEmpty();
        ConnectionConfig config = ConnectionConfig.of(new AbstractConfig(DEF, props, false));
        assertThat(config.addresses()).isEmpty();
        assertThat(config.cluster().seeds()).containsExactly(new RedisAddress("a", 6379), new RedisAddress("b", 7));
        assertThat(config.serverOption()).isEqualTo("redis.cluster.nodes");
        assertThat(config.toString()).doesNotContain("s3cret");
        assertThat(errors(Map.of("redis.cluster.nodes", "a", "redis.address", "b")))
                .containsOnlyKeys("redis.cluster.nodes");
    }

    @Test
    void wantsOneWayToNameTheServer() {
        assertThat(errors(Map.of())).containsOnlyKeys("redis.address");
        assertThat(errors(Map.of("redis.address", "a", "redis.sentinel.master", "m", "redis.sentinel.nodes", "s")))
                .containsOnlyKeys("redis.sentinel.master")
                .extractingByKey("redis.sentinel.master")
                .asString()
                .contains("both given");
        assertThat(errors(Map.of("redis.sentinel.master", "m"))).containsOnlyKeys("redis.sentinel.nodes");
        assertThat(errors(Map.of("redis.sentinel.nodes", "s"))).containsOnlyKeys("redis.sentinel.master");
        assertThat(errors(Map.of("redis.sentinel.master", "m", "redis.sentinel.nodes", "s:x")))
                .containsOnlyKeys("redis.sentinel.nodes")
                .extractingByKey("redis.sentinel.nodes")
                .asString()
                .contains("port between 1 and 65535");
        assertThat(errors(Map.of(
                        "redis.sentinel.master", "m", "redis.sentinel.nodes", "s", "redis.sentinel.username", "u")))
                .containsOnlyKeys("redis.sentinel.password");
    }

    private static Map<String, String> errors(Map<String, String> props) {
        Map<String, ConfigValue> values = DEF.validateAll(props);
        ConnectionConfig.checkTogether(values);
        Map<String, String> errors = new HashMap<>();
        values.forEach((name, value) -> {
            if (!value.errorMessages().isEmpty()) {
                errors.put(name, String.join(" | ", value.errorMessages()));
            }
        });
        return errors;
    }
}
