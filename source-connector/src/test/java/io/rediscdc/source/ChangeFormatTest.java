package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

class ChangeFormatTest {

    @Test
    void statesOfAClusterAreRefused() {
        assertThat(errors("change.format", "state", "redis.cluster.nodes", "127.0.0.1:1"))
                .singleElement()
                .asString()
                .contains("change.format", "redis.cluster.nodes", "capture.mode=scan");
    }

    @Test
    void aCompactedTopicHasStatesOnly() {
        assertThat(errors("topic.compacted", "true", "redis.address", "127.0.0.1:1"))
                .singleElement()
                .asString()
                .contains("topic.compacted", "capture.mode", "change.format");
        assertThat(errors("topic.compacted", "true", "change.format", "state", "redis.address", "127.0.0.1:1"))
                .isEmpty();
        assertThat(errors("topic.compacted", "true", "capture.mode", "scan", "redis.address", "127.0.0.1:1"))
                .isEmpty();
    }

    private static List<String> errors(String... options) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "name", "c",
                "connector.class", "io.rediscdc.source.RedisSourceConnector",
                "topic.prefix", "shop",
                "connection.validation.enabled", "false"));
        for (int i = 0; i < options.length; i += 2) {
            properties.put(options[i], options[i + 1]);
        }
        return new RedisSourceConnector()
                .validate(properties).configValues().stream()
                        .map(ConfigValue::errorMessages)
                        .flatMap(List::stream)
                        .toList();
    }
}
