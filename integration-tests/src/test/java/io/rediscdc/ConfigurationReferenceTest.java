package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.sink.RedisSinkConnector;
import io.rediscdc.source.RedisSourceConnector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.junit.jupiter.api.Test;

/** docs/configuration.md says what the connectors' own definitions say; {@code -Ddocs.write=true} writes it anew. */
class ConfigurationReferenceTest {

    private static final Path REFERENCE = Path.of("../docs/configuration.md");

    @Test
    void theReferenceIsUpToDate() throws IOException {
        String generated =
                """
                # Configuration

                Generated from the connectors' definitions; edit those. Connect's own options (`name`, `connector.class`,
                `tasks.max`, `topics`, converters, `errors.*`, `producer.override.*`, `consumer.override.*`,
                `topic.creation.*`, `exactly.once.support`, `transaction.boundary`) are Kafka's; `config/` shows those that
                matter here.
                """
                        + section(
                                "Source: `io.rediscdc.source.RedisSourceConnector`",
                                new RedisSourceConnector().config())
                        + section("Sink: `io.rediscdc.sink.RedisSinkConnector`", new RedisSinkConnector().config());
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(REFERENCE, generated);
        }
        assertThat(REFERENCE).content().isEqualTo(generated);
    }

    private static String section(String title, ConfigDef definition) {
        StringBuilder text = new StringBuilder("\n## " + title + "\n");
        for (String group : definition.groups()) {
            text.append("\n### ").append(group).append("\n\n");
            text.append("| option | type | default | valid | what it does |\n| --- | --- | --- | --- | --- |\n");
            List<ConfigKey> keys = definition.configKeys().values().stream()
                    .filter(key -> group.equals(key.group))
                    .sorted(Comparator.comparingInt(key -> key.orderInGroup))
                    .toList();
            keys.forEach(key -> text.append(row(key)));
        }
        return text.toString();
    }

    private static String row(ConfigKey key) {
        String standard =
                key.hasDefault() ? key.defaultValue == null ? "none" : "`" + key.defaultValue + "`" : "**required**";
        String valid = key.validator == null ? "" : key.validator.toString();
        return "| `" + key.name + "` | " + key.type.name().toLowerCase(Locale.ROOT) + " | " + standard + " | " + valid
                + " | " + key.documentation + " |\n";
    }
}
