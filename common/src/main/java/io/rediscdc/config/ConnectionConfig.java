package io.rediscdc.config;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.cluster.ClusterOptions;
import io.rediscdc.error.ClusterException;
import io.rediscdc.error.SentinelException;
import io.rediscdc.sentinel.SentinelOptions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.types.Password;

/**
 * How to reach a Redis server: the options that source and sink share.
 *
 * @param addresses of nodes of one shard; at least one, and just one where {@link #define} was used. Empty where Sentinel
 *     or a cluster is asked
 * @param sentinel whom to ask for the addresses; null where they are given, or it is a cluster
 * @param cluster whom to ask for the shards and their addresses; null where it is no cluster
 * @param username ACL user, null for the default one
 * @param password null for none; its {@code toString} hides it
 * @param connectTimeoutMs bound on making a TCP connection, ms
 * @param commandTimeoutMs bound on the answer to what was sent, ms
 * @param validationEnabled whether {@code validate} connects to the server
 * @param validationTimeoutMs bound on all that {@code validate} does with the server, ms
 */
public record ConnectionConfig(
        List<RedisAddress> addresses,
        SentinelOptions sentinel,
        ClusterOptions cluster,
        String username,
        Password password,
        int connectTimeoutMs,
        int commandTimeoutMs,
        boolean validationEnabled,
        int validationTimeoutMs) {

    public static final String ADDRESS = "redis.address";
    public static final String CLUSTER_NODES = "redis.cluster.nodes";
    public static final String USERNAME = "redis.username";
    public static final String PASSWORD = "redis.password";
    public static final String CONNECT_TIMEOUT_MS = "redis.connect.timeout.ms";
    public static final String COMMAND_TIMEOUT_MS = "redis.command.timeout.ms";
    public static final String VALIDATION_ENABLED = "connection.validation.enabled";
    public static final String VALIDATION_TIMEOUT_MS = "connection.validation.timeout.ms";

    static final String GROUP = "Connection";

    public ConnectionConfig {
        addresses = List.copyOf(addresses);
    }

    /**
     * The first address.
     *
     * @throws IllegalStateException where Sentinel or a cluster is to be asked
     */
    public RedisAddress address() {
        if (addresses.isEmpty()) {
            throw new IllegalStateException("the address is Sentinel's to say, or the cluster's");
        }
        return addresses.get(0);
    }

    /** Which server is meant, for messages: its address, the name by which Sentinel knows it, or the cluster's seeds. */
    public String server() {
        if (cluster != null) {
            return cluster.toString();
        }
        return sentinel == null
                ? addresses.stream().map(RedisAddress::toString).collect(Collectors.joining(","))
                : "master '" + sentinel.master() + "'";
    }

    /** The option that says which server is meant. */
    public String serverOption() {
        if (cluster != null) {
            return CLUSTER_NODES;
        }
        return sentinel == null ? ADDRESS : SentinelConfig.MASTER;
    }

    /** The option that can mend what the sentinels answer. */
    public static String optionOf(SentinelException failure) {
        return SentinelConfig.optionOf(failure);
    }

    /** The option that can mend what the nodes of a cluster answer. */
    public static String optionOf(ClusterException failure) {
        return switch (failure.fault()) {
            case NODES -> CLUSTER_NODES;
            case LOGIN -> PASSWORD;
            case RIGHTS -> USERNAME;
        };
    }

    /** Adds the options to a connector's that needs one server. */
    public static ConfigDef define(ConfigDef def) {
        return defineOthers(def.define(
                ADDRESS,
                ConfigDef.Type.STRING,
                null,
                OptionText.parsedBy(RedisAddress::parse, "host:port"),
                Importance.HIGH,
                "The Redis server, as host:port; an IPv6 address stands in brackets, as [::1]:6379. Either this or"
                        + " redis.sentinel.master is needed.",
                GROUP,
                1,
                Width.LONG,
                "Redis address"));
    }

    /** Adds the options to a connector's that can do with any of several servers. */
    public static ConfigDef defineSeveral(ConfigDef def) {
        return defineOthers(def.define(
                ADDRESS,
                ConfigDef.Type.STRING,
                null,
                OptionText.parsedBy(RedisAddress::parseList, "host:port,..."),
                Importance.HIGH,
                "The Redis server, as host:port; an IPv6 address stands in brackets, as [::1]:6379. Several,"
                        + " comma-separated, are a master and its replicas: when one is lost, another is read on. Either"
                        + " this or redis.sentinel.master is needed.",
                GROUP,
                1,
                Width.LONG,
                "Redis address"));
    }

    private static ConfigDef defineOthers(ConfigDef def) {
        return SentinelConfig.define(def)
                .define(
                        USERNAME,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.MEDIUM,
                        "The ACL user to log in as (Redis 6 and later). Without it, the default user.",
                        GROUP,
                        7,
                        Width.MEDIUM,
                        "User name")
                .define(
                        PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "The password. Without it, nobody logs in.",
                        GROUP,
                        8,
                        Width.MEDIUM,
                        "Password")
                .define(
                        CONNECT_TIMEOUT_MS,
                        ConfigDef.Type.INT,
                        10_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "How long making a connection may take, in milliseconds.",
                        GROUP,
                        9,
                        Width.SHORT,
                        "Connect timeout (ms)")
                .define(
                        COMMAND_TIMEOUT_MS,
                        ConfigDef.Type.INT,
                        60_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "How long the server may take to answer, in milliseconds. After that the connection is given"
                                + " up and made anew. A FLUSHALL of many keys takes seconds.",
                        GROUP,
                        10,
                        Width.SHORT,
                        "Command timeout (ms)")
                .define(
                        VALIDATION_ENABLED,
                        ConfigDef.Type.BOOLEAN,
                        true,
                        Importance.LOW,
                        "Whether validating this configuration also connects to the server and says what is wrong there.",
                        GROUP,
                        11,
                        Width.SHORT,
                        "Validate the connection")
                .define(
                        VALIDATION_TIMEOUT_MS,
                        ConfigDef.Type.INT,
                        15_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "How long that may take in all, in milliseconds.",
                        GROUP,
                        12,
                        Width.SHORT,
                        "Validation timeout (ms)");
    }

    /** Adds the option to a connector's that can do with a cluster, besides those of {@link #define}. */
    public static ConfigDef defineCluster(ConfigDef def) {
        return def.define(
                CLUSTER_NODES,
                ConfigDef.Type.STRING,
                null,
                OptionText.parsedBy(RedisAddress::parseList, "host:port,..."),
                Importance.HIGH,
                "In place of redis.address, for a Redis Cluster: some of its nodes, as host:port, comma-separated. They are"
                        + " asked for the others, so one that answers is enough.",
                GROUP,
                6,
                Width.LONG,
                "Nodes of the cluster");
    }

    /**
     * The options' values, of a configuration that was made with {@link #define}.
     *
     * @throws ConfigException if they do not say which server is meant
     */
    public static ConnectionConfig of(AbstractConfig config) {
        ServerNaming naming = ServerNaming.of(config);
        naming.check();
        int connectTimeoutMs = config.getInt(CONNECT_TIMEOUT_MS);
        return new ConnectionConfig(
                naming.address() == null ? List.of() : RedisAddress.parseList(naming.address()),
                SentinelConfig.of(config, connectTimeoutMs),
                naming.cluster() == null
                        ? null
                        : new ClusterOptions(
                                RedisAddress.parseList(naming.cluster()),
                                OptionText.text(config.getString(USERNAME)),
                                OptionText.secret(config.getPassword(PASSWORD)),
                                connectTimeoutMs),
                OptionText.text(config.getString(USERNAME)),
                OptionText.isMissing(config.getPassword(PASSWORD)) ? null : config.getPassword(PASSWORD),
                connectTimeoutMs,
                config.getInt(COMMAND_TIMEOUT_MS),
                config.getBoolean(VALIDATION_ENABLED),
                config.getInt(VALIDATION_TIMEOUT_MS));
    }

    /** Attaches a message to the option that does not fit the others. Looks at the values only, not at the server. */
    public static void checkTogether(Map<String, ConfigValue> values) {
        ServerNaming.check(values);
        checkLogin(values, USERNAME, PASSWORD);
        checkLogin(values, SentinelConfig.USERNAME, SentinelConfig.PASSWORD);
    }

    private static void checkLogin(Map<String, ConfigValue> values, String username, String password) {
        ConfigValue given = values.get(password);
        if (OptionText.text((String) values.get(username).value()) != null
                && OptionText.isMissing((Password) given.value())) {
            given.addErrorMessage(
                    password + " is missing although " + username + " is given: a user logs in with a password");
        }
    }
}
