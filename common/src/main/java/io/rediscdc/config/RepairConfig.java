package io.rediscdc.config;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * How a sink asks a source for the state of keys: by a topic beside that of the changes. The options that both share.
 *
 * @param bootstrapServers of the Kafka that has the topic; null where there is no such channel
 * @param topic null for the topic of the changes followed by {@value #SUFFIX}
 * @param client what else Kafka's client is to be given; may have secrets in it
 */
public record RepairConfig(String bootstrapServers, String topic, Map<String, Object> client) {

    public static final String BOOTSTRAP_SERVERS = "repair.bootstrap.servers";
    public static final String TOPIC = "repair.topic";

    /** What begins so is passed on to Kafka's client. */
    public static final String CLIENT_PREFIX = "repair.kafka.";

    private static final String SUFFIX = ".repair";
    private static final String GROUP = "Repair";

    public RepairConfig {
        client = Map.copyOf(client);
    }

    /** Adds the options to a connector's. */
    public static ConfigDef define(ConfigDef def) {
        return def.define(
                        BOOTSTRAP_SERVERS,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.MEDIUM,
                        "Kafka's brokers, as host:port,..., for a topic by which the sink asks the source for the state"
                                + " of keys that are found not to be as they should. Give it to both connectors. Without"
                                + " it such keys are only counted. Options of Kafka's client, as security.protocol, go"
                                + " with the prefix " + CLIENT_PREFIX + " before their names.",
                        GROUP,
                        1,
                        Width.LONG,
                        "Brokers for repairs")
                .define(
                        TOPIC,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.LOW,
                        "The topic for that. By default, the topic of the changes followed by " + SUFFIX
                                + ". The source makes it if there is none.",
                        GROUP,
                        2,
                        Width.MEDIUM,
                        "Topic for repairs");
    }

    /** The options' values. */
    public static RepairConfig of(AbstractConfig config) {
        String servers = config.getString(BOOTSTRAP_SERVERS);
        return new RepairConfig(
                servers == null || servers.isBlank() ? null : servers,
                config.getString(TOPIC),
                config.originalsWithPrefix(CLIENT_PREFIX));
    }

    /** Whether there is such a channel. */
    public boolean isEnabled() {
        return bootstrapServers != null;
    }

    /** The topic of requests about changes of another. */
    public String topicFor(String changes) {
        return topic == null ? changes + SUFFIX : topic;
    }

    /** For a client of Kafka's, which adds its own. */
    public Map<String, Object> clientProperties() {
        Map<String, Object> properties = new HashMap<>(client);
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return properties;
    }

    /** Without what the client is given. */
    @Override
    public String toString() {
        return "RepairConfig[bootstrapServers=" + bootstrapServers + ", topic=" + topic + "]";
    }
}
