package io.rediscdc.config;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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
 * @param addresses of nodes of one shard; at least one, and just one where {@link #define} was used
 * @param username ACL user, null for the default one
 * @param password null for none; its {@code toString} hides it
 * @param connectTimeoutMs bound on making a TCP connection, ms
 * @param commandTimeoutMs bound on the answer to what was sent, ms
 * @param validationEnabled whether {@code validate} connects to the server
 * @param validationTimeoutMs bound on all that {@code validate} does with the server, ms
 */
public record ConnectionConfig(
        List<RedisAddress> addresses,
        String username,
        Password password,
        int connectTimeoutMs,
        int commandTimeoutMs,
        boolean validationEnabled,
        int validationTimeoutMs) {

    public static final String ADDRESS = "redis.address";
    public static final String USERNAME = "redis.username";
    public static final String PASSWORD = "redis.password";
    public static final String CONNECT_TIMEOUT_MS = "redis.connect.timeout.ms";
    public static final String COMMAND_TIMEOUT_MS = "redis.command.timeout.ms";
    public static final String VALIDATION_ENABLED = "connection.validation.enabled";
    public static final String VALIDATION_TIMEOUT_MS = "connection.validation.timeout.ms";

    private static final String GROUP = "Connection";

    public ConnectionConfig {
        addresses = List.copyOf(addresses);
    }

    /** The first address. */
    public RedisAddress address() {
        return addresses.get(0);
    }

    /** Adds the options to a connector's that needs one server. */
    public static ConfigDef define(ConfigDef def) {
        return defineOthers(def.define(
                ADDRESS,
                ConfigDef.Type.STRING,
                ConfigDef.NO_DEFAULT_VALUE,
                ConfigDef.LambdaValidator.with(checked(RedisAddress::parse), () -> "host:port"),
                Importance.HIGH,
                "The Redis server, as host:port; an IPv6 address stands in brackets, as [::1]:6379.",
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
                ConfigDef.NO_DEFAULT_VALUE,
                ConfigDef.LambdaValidator.with(checked(RedisAddress::parseList), () -> "host:port,..."),
                Importance.HIGH,
                "The Redis server, as host:port; an IPv6 address stands in brackets, as [::1]:6379. Several,"
                        + " comma-separated, are a master and its replicas: when one is lost, another is read on.",
                GROUP,
                1,
                Width.LONG,
                "Redis address"));
    }

    private static ConfigDef defineOthers(ConfigDef def) {
        return def.define(
                        USERNAME,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.MEDIUM,
                        "The ACL user to log in as (Redis 6 and later). Without it, the default user.",
                        GROUP,
                        2,
                        Width.MEDIUM,
                        "User name")
                .define(
                        PASSWORD,
                        ConfigDef.Type.PASSWORD,
                        null,
                        Importance.MEDIUM,
                        "The password. Without it, nobody logs in.",
                        GROUP,
                        3,
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
                        4,
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
                        5,
                        Width.SHORT,
                        "Command timeout (ms)")
                .define(
                        VALIDATION_ENABLED,
                        ConfigDef.Type.BOOLEAN,
                        true,
                        Importance.LOW,
                        "Whether validating this configuration also connects to the server and says what is wrong there.",
                        GROUP,
                        6,
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
                        7,
                        Width.SHORT,
                        "Validation timeout (ms)");
    }

    /** The options' values, of a configuration that was made with {@link #define}. */
    public static ConnectionConfig of(AbstractConfig config) {
        String username = config.getString(USERNAME);
        Password password = config.getPassword(PASSWORD);
        return new ConnectionConfig(
                RedisAddress.parseList(config.getString(ADDRESS)),
                username == null || username.isEmpty() ? null : username,
                isMissing(password) ? null : password,
                config.getInt(CONNECT_TIMEOUT_MS),
                config.getInt(COMMAND_TIMEOUT_MS),
                config.getBoolean(VALIDATION_ENABLED),
                config.getInt(VALIDATION_TIMEOUT_MS));
    }

    /** Attaches a message to the option that does not fit the others. Looks at the values only, not at the server. */
    public static void checkTogether(Map<String, ConfigValue> values) {
        ConfigValue username = values.get(USERNAME);
        ConfigValue password = values.get(PASSWORD);
        if (username.value() instanceof String name && !name.isEmpty() && isMissing((Password) password.value())) {
            password.addErrorMessage(
                    PASSWORD + " is missing although " + USERNAME + " is given: a user logs in with a password");
        }
    }

    private static boolean isMissing(Password password) {
        return password == null || password.value() == null || password.value().isEmpty();
    }

    private static BiConsumer<String, Object> checked(Consumer<String> parser) {
        return (name, value) -> {
            if (value != null) {
                try {
                    parser.accept((String) value);
                } catch (RedisCdcException e) {
                    // Without the value: it may be a URI with a password in it.
                    throw new ConfigException(name + ": " + e.getMessage());
                }
            }
        };
    }
}
