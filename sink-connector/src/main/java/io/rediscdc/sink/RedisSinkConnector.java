package io.rediscdc.sink;

import io.rediscdc.Version;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.config.UnknownOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/** Replays the history that the source connector wrote into a Redis server, exactly once. */
public final class RedisSinkConnector extends SinkConnector {

    private Map<String, String> props = Map.of();

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public void start(Map<String, String> newProps) {
        props = Map.copyOf(newProps);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return RedisSinkTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        List<Map<String, String>> configs = new ArrayList<>(maxTasks);
        for (int i = 0; i < maxTasks; i++) {
            configs.add(props);
        }
        return configs;
    }

    @Override
    public void stop() {
        // Nothing runs here: all work is the tasks'.
    }

    @Override
    public ConfigDef config() {
        return SinkConfig.DEF;
    }

    /**
     * Rewinds the checkpoints in the target, which overrule the offsets that Kafka keeps (KIP-875). A partition's next
     * task begins with the record at the offset given, at the topic's beginning for null; without any partition, all that
     * the flow has a checkpoint of do so.
     *
     * @throws ConnectException saying what is wrong with an offset, or why the target cannot be written
     */
    @Override
    public boolean alterOffsets(Map<String, String> given, Map<TopicPartition, Long> offsets) {
        new Rewind(given).apply(offsets);
        return true;
    }

    /** Also looks at the target, if the options as such are in order. Whatever is wrong stands at the option. */
    @Override
    public Config validate(Map<String, String> given) {
        Map<String, ConfigValue> values = SinkConfig.DEF.validateAll(given);
        ConnectionConfig.checkTogether(values);
        Config config = new Config(new ArrayList<>(values.values()));
        UnknownOptions.check(given, SinkConfig.DEF.names(), config);
        if (config.configValues().stream()
                .allMatch(value -> value.errorMessages().isEmpty())) {
            new TargetValidator(given).validate(values);
        }
        return config;
    }
}
