package io.rediscdc.config;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.SentinelException;
import io.rediscdc.sentinel.SentinelOptions;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The options that name a server by the sentinels that watch it. */
final class SentinelConfig {

    static final String MASTER = "redis.sentinel.master";
    static final String NODES = "redis.sentinel.nodes";
    static final String USERNAME = "redis.sentinel.username";
    static final String PASSWORD = "redis.sentinel.password";

    private static final String GROUP = ConnectionConfig.GROUP;

    private SentinelConfig() {}

    /** Adds the options to a connector's. */
    static ConfigDef define(ConfigDef def) {
        return def.define(
                        MASTER,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.HIGH,
                        "In place of redis.address: the name of the master, as the sentinels know it (sentinel monitor"
                                + " <name> ...). They are asked who it is whenever a connection is made, and followed"
                                + " through failovers.",
                        GROUP,
                        2,
                        Width.MEDIUM,
                        "Name of the master")
                .define(
                        NODES,
                        ConfigDef.Type.STRING,
                        null,
                        OptionText.parsedBy(
                                text -> RedisAddress.parseList(text, SentinelOptions.DEFAULT_PORT), "host:port,..."),
                        Importance.HIGH,
                        "The sentinels, as host:port, comma-separated; without a port, it is 26379. Name them all: one that"
                                + " answers is enough, but none but these is asked.",
                        GROUP,
                        3,
                        Width.LONG,
                        "Sentinels")
                .define(
                        USERNAME,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.LOW,
                        "The ACL user to log in as at the sentinels (6.2 and later). Without it, the default user.",
                        GROUP,
                        4,
                        Width.MEDIUM,
                        "User name at the sentinels")
                .define(
                        PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "The password for the sentinels themselves. Without it, nobody logs in there; redis.password is for"
                                + " the servers.",
                        GROUP,
                        5,
                        Width.MEDIUM,
                        "Password at the sentinels");
    }

    /**
     * The options' values.
     *
     * @return null where the server is named in another way
     */
    static SentinelOptions of(AbstractConfig config, int connectTimeoutMs) {
        String master = OptionText.text(config.getString(MASTER));
        return master == null
                ? null
                : new SentinelOptions(
                        master,
                        RedisAddress.parseList(OptionText.text(config.getString(NODES)), SentinelOptions.DEFAULT_PORT),
                        OptionText.text(config.getString(USERNAME)),
                        OptionText.secret(config.getPassword(PASSWORD)),
                        connectTimeoutMs);
    }

    /** The option that can mend what the sentinels answer. */
    static String optionOf(SentinelException failure) {
        return switch (failure.fault()) {
            case NODES -> NODES;
            case LOGIN -> PASSWORD;
            case MASTER -> MASTER;
        };
    }
}
