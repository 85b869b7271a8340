package io.rediscdc.sink;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.ClusterException;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.SentinelException;
import io.rediscdc.sink.state.WriteMode;
import io.rediscdc.sink.target.TargetProbe;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** Looks at the target, and attaches what is wrong with it to the option that names it. */
final class TargetValidator {

    private final Map<String, String> given;

    TargetValidator(Map<String, String> given) {
        this.given = given;
    }

    void validate(Map<String, ConfigValue> values) {
        SinkConfig config;
        try {
            config = new SinkConfig(given);
        } catch (ConfigException e) {
            String option = Stream.of(SinkConfig.UNSUPPORTED_POLICY, SinkConfig.EXISTS_POLICY, SinkConfig.DELIVERY)
                    .filter(e.getMessage()::startsWith)
                    .findFirst()
                    .orElse(SinkConfig.FLOW);
            values.get(option).addErrorMessage(e.getMessage());
            return;
        }
        ConnectionConfig connection = config.connection();
        if (!connection.validationEnabled()) {
            return;
        }
        CheckpointKey key = new CheckpointKey(config.flow(), new TopicPartition("validation", 0));
        try {
            TargetProbe.check(
                    connection,
                    key.bytes(),
                    config.delivery() == DeliveryMode.EXACTLY_ONCE,
                    config.writeMode() == WriteMode.DUMP);
        } catch (TargetProbe.LoginException e) {
            values.get(ConnectionConfig.PASSWORD).addErrorMessage(e.getMessage());
        } catch (ClusterException e) {
            values.get(ConnectionConfig.optionOf(e)).addErrorMessage(e.getMessage());
        } catch (SentinelException e) {
            values.get(ConnectionConfig.optionOf(e)).addErrorMessage(e.getMessage());
        } catch (RedisCdcException e) {
            values.get(connection.serverOption()).addErrorMessage(e.getMessage());
        }
    }
}
