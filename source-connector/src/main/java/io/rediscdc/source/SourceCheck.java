package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.source.replica.ReplicaCheck;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;

/** Tries a configuration on the server it names, and attaches what is wrong to the option that can mend it. */
final class SourceCheck {

    private SourceCheck() {}

    static void run(SourceConfig config, Map<String, ConfigValue> values) {
        String field = ConnectionConfig.ADDRESS;
        try (ReplicaCheck check =
                ReplicaCheck.connect(config.replica(""), config.connection().validationTimeoutMs())) {
            field = ConnectionConfig.PASSWORD;
            check.login();
            field = ConnectionConfig.ADDRESS;
            check.serves();
            field = ConnectionConfig.USERNAME;
            check.mayReplicate();
        } catch (RedisCdcException e) {
            values.get(field(e, field)).addErrorMessage(e.getMessage());
        }
    }

    /** A server that is away or no Redis at all is a matter of the address, whatever was asked of it. */
    private static String field(RedisCdcException e, String field) {
        return switch (e.category()) {
            case CONFIG -> field;
            default -> ConnectionConfig.ADDRESS;
        };
    }
}
