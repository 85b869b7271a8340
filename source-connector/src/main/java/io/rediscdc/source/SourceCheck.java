package io.rediscdc.source;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.SentinelException;
import io.rediscdc.sentinel.SentinelOptions;
import io.rediscdc.sentinel.Sentinels;
import io.rediscdc.source.replica.ReplicaCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;

/** Tries a configuration on the server it names, and attaches what is wrong to the option that can mend it. */
final class SourceCheck {

    private SourceCheck() {}

    /** One node that would have us is enough: the others may be away, which is what they are several for. */
    static void run(SourceConfig config, Map<String, ConfigValue> values) {
        if (config.connection().cluster() != null) {
            ClusterCheck.run(config, values);
            return;
        }
        List<RedisAddress> nodes;
        try {
            nodes = nodes(config.connection());
        } catch (SentinelException e) {
            values.get(ConnectionConfig.optionOf(e)).addErrorMessage(e.getMessage());
            return;
        }
        long timeoutMs = config.connection().validationTimeoutMs() / nodes.size();
        Map<String, String> errors = new LinkedHashMap<>();
        for (RedisAddress node : nodes) {
            if (isUsable(node, config, Math.max(1, timeoutMs), errors)) {
                return;
            }
        }
        errors.forEach((message, field) -> values.get(field).addErrorMessage(message));
    }

    private static List<RedisAddress> nodes(ConnectionConfig connection) {
        SentinelOptions options = connection.sentinel();
        if (options == null) {
            return connection.addresses();
        }
        try (Sentinels sentinels = new Sentinels(options.within(connection.validationTimeoutMs()))) {
            return sentinels.ask().nodes();
        }
    }

    /** @param errors gets the message, if there is one, and the option that it belongs to */
    static boolean isUsable(RedisAddress node, SourceConfig config, long timeoutMs, Map<String, String> errors) {
        String server = config.connection().serverOption();
        String field = server;
        try (ReplicaCheck check = ReplicaCheck.connect(node, config.replica("", false), timeoutMs)) {
            field = ConnectionConfig.PASSWORD;
            check.login();
            field = server;
            check.serves();
            if (config.connection().cluster() == null) {
                check.isAlone();
            }
            field = ConnectionConfig.USERNAME;
            check.mayReplicate();
            check.mayReadStates();
            return true;
        } catch (RedisCdcException e) {
            errors.put(e.getMessage(), field(e, field, server));
            return false;
        }
    }

    /** A server that is away or no Redis at all is a matter of its address, whatever was asked of it. */
    private static String field(RedisCdcException e, String field, String server) {
        return switch (e.category()) {
            case CONFIG -> field;
            default -> server;
        };
    }
}
