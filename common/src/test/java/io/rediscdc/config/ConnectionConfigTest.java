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

    private static final ConfigDef DEF = ConnectionConfig.define(new ConfigDef());

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
