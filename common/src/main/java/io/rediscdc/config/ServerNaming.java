package io.rediscdc.config;

import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * How a server is named: by its address, by Sentinel, or as a cluster, and by one of them only.
 *
 * @param address null for none, as the others
 * @param cluster also null for a connector that has no such option
 */
record ServerNaming(String address, String master, String sentinels, String cluster) {

    static ServerNaming of(AbstractConfig config) {
        return new ServerNaming(
                OptionText.text(config.getString(ConnectionConfig.ADDRESS)),
                OptionText.text(config.getString(SentinelConfig.MASTER)),
                OptionText.text(config.getString(SentinelConfig.NODES)),
                config.values().containsKey(ConnectionConfig.CLUSTER_NODES)
                        ? OptionText.text(config.getString(ConnectionConfig.CLUSTER_NODES))
                        : null);
    }

    /** Attaches a message to the option that does not fit the others, where each is right by itself. */
    static void check(Map<String, ConfigValue> values) {
        if (Stream.of(
                        ConnectionConfig.ADDRESS,
                        SentinelConfig.MASTER,
                        SentinelConfig.NODES,
                        ConnectionConfig.CLUSTER_NODES)
                .filter(values::containsKey)
                .allMatch(option -> values.get(option).errorMessages().isEmpty())) {
            new ServerNaming(
                            text(values, ConnectionConfig.ADDRESS),
                            text(values, SentinelConfig.MASTER),
                            text(values, SentinelConfig.NODES),
                            values.containsKey(ConnectionConfig.CLUSTER_NODES)
                                    ? text(values, ConnectionConfig.CLUSTER_NODES)
                                    : null)
                    .fault()
                    .forEach((option, message) -> values.get(option).addErrorMessage(message));
        }
    }

    /** @throws ConfigException if it is not one server */
    void check() {
        fault().forEach((option, message) -> {
            throw new ConfigException(message);
        });
    }

    /** What is wrong, by option; at most one. */
    private Map<String, String> fault() {
        if (cluster != null && (address != null || master != null || sentinels != null)) {
            return Map.of(
                    ConnectionConfig.CLUSTER_NODES,
                    ConnectionConfig.CLUSTER_NODES + " and "
                            + (address == null ? "redis.sentinel.*" : ConnectionConfig.ADDRESS)
                            + " are both given: name the source or target by one of them. For a cluster, leave out the"
                            + " other");
        }
        if (cluster != null) {
            return Map.of();
        }
        if (address != null && (master != null || sentinels != null)) {
            return Map.of(
                    master == null ? SentinelConfig.NODES : SentinelConfig.MASTER,
                    ConnectionConfig.ADDRESS
                            + " and redis.sentinel.* are both given: name the server by one of them. Where Sentinel"
                            + " watches it, leave out " + ConnectionConfig.ADDRESS);
        }
        if (master != null && sentinels == null) {
            return Map.of(
                    SentinelConfig.NODES,
                    SentinelConfig.NODES + " is missing although " + SentinelConfig.MASTER
                            + " is given: name the sentinels to ask");
        }
        if (sentinels != null && master == null) {
            return Map.of(
                    SentinelConfig.MASTER,
                    SentinelConfig.MASTER + " is missing although " + SentinelConfig.NODES
                            + " are given: it is the name in their 'sentinel monitor <name> ...'");
        }
        if (address == null && master == null) {
            return Map.of(
                    ConnectionConfig.ADDRESS,
                    ConnectionConfig.ADDRESS + " is missing: name the server, or give " + SentinelConfig.MASTER
                            + " and " + SentinelConfig.NODES + ", or " + ConnectionConfig.CLUSTER_NODES);
        }
        return Map.of();
    }

    private static String text(Map<String, ConfigValue> values, String option) {
        return OptionText.text((String) values.get(option).value());
    }
}
