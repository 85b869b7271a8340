package io.rediscdc.standalone.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.rediscdc.standalone.redis.RedisUri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlowConfigTest {

    private final FlowConfig config = new FlowConfig(
            "flow", RedisUri.parse("redis://app:s3cret@h:1"), RedisUri.parse("redis://:t0psecret@[::1]:2"), 24);

    @Test
    void holdsNoPasswords() {
        assertThat(config.sourceConnector())
                .containsEntry("redis.address", "h:1")
                .containsEntry("redis.username", "app")
                .containsEntry("redis.password", "${env:REDIS_CDC_SOURCE_PASSWORD}");
        assertThat(config.sinkConnector())
                .containsEntry("redis.address", "[::1]:2")
                .doesNotContainKey("redis.username")
                .containsEntry("redis.password", "${env:REDIS_CDC_TARGET_PASSWORD}");
        assertThat(config.environment("h:9"))
                .isEqualTo(Map.of(
                        "REDIS_CDC_BROKERS",
                        "h:9",
                        "REDIS_CDC_SOURCE_PASSWORD",
                        "s3cret",
                        "REDIS_CDC_TARGET_PASSWORD",
                        "t0psecret"));
        assertThat(config.sourceConnector().toString() + config.sinkConnector()).doesNotContain("s3cret", "t0psecret");
        assertThat(config).asString().doesNotContain("s3cret", "t0psecret");
    }

    /** What we deploy and what we tell others to deploy is the same. */
    @Test
    void theFilesToPostHaveTheSameOptions() throws IOException {
        Set<String> differing = Set.of(
                "redis.address",
                "redis.username",
                "redis.password",
                "repair.bootstrap.servers",
                "topic.prefix",
                "flow",
                "topic.creation.default.retention.ms");
        assertThat(without(differing, posted("source.json"))).isEqualTo(without(differing, config.sourceConnector()));
        assertThat(without(differing, posted("sink.json"))).isEqualTo(without(differing, config.sinkConnector()));
    }

    private static Map<String, String> posted(String file) throws IOException {
        JsonNode json = new ObjectMapper().readTree(Path.of("../config", file).toFile());
        Map<String, String> options = new HashMap<>();
        options.put("name", json.path("name").asText());
        json.path("config")
                .properties()
                .forEach(
                        option -> options.put(option.getKey(), option.getValue().asText()));
        return options;
    }

    private static Map<String, String> without(Set<String> names, Map<String, String> options) {
        Map<String, String> rest = new HashMap<>(options);
        rest.keySet().removeAll(names);
        return rest;
    }
}
