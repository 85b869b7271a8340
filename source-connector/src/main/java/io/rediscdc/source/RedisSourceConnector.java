package io.rediscdc.source;

import io.rediscdc.Version;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.config.UnknownOptions;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.source.replica.ResumePoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/** Publishes the history of a Redis into a Kafka topic, one task per shard. */
public final class RedisSourceConnector extends SourceConnector {

    /** Task property: the shard the task reads. A Redis that is no cluster is one shard. */
    static final String SHARD = "shard";

    private static final String ONLY_SHARD = "0";
    private static final int PARTITIONS = 1;

    private Map<String, String> properties;

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public ConfigDef config() {
        return SourceConfig.definition();
    }

    @Override
    public Class<? extends Task> taskClass() {
        return new SourceConfig(properties).scans() ? RedisScanTask.class : RedisSourceTask.class;
    }

    @Override
    public void start(Map<String, String> properties) {
        this.properties = properties;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        Map<String, String> task = new HashMap<>(properties);
        task.put(SHARD, ONLY_SHARD);
        return List.of(task);
    }

    @Override
    public void stop() {
        // Holds nothing: the tasks have the links.
    }

    @Override
    public Config validate(Map<String, String> properties) {
        Config config = super.validate(properties);
        Map<String, ConfigValue> values = new HashMap<>();
        for (ConfigValue value : config.configValues()) {
            values.put(value.name(), value);
        }
        ConnectionConfig.checkTogether(values);
        UnknownOptions.check(properties, config().names(), config);
        if (config.configValues().stream()
                .allMatch(value -> value.errorMessages().isEmpty())) {
            SourceConfig parsed = new SourceConfig(properties);
            if (parsed.connection().validationEnabled()) {
                if (parsed.scans()) {
                    ScanCheck.run(parsed, values);
                } else {
                    SourceCheck.run(parsed, values);
                }
            }
        }
        return config;
    }

    /** Records and the point to resume from are stored together, so the answer does not depend on the configuration. */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> properties) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> properties) {
        return ConnectorTransactionBoundaries.SUPPORTED;
    }

    /** Accepts null, for a full synchronisation, or what {@link SourceOffset} can read, for exactly this source. */
    @Override
    public boolean alterOffsets(Map<String, String> properties, Map<Map<String, ?>, Map<String, ?>> offsets) {
        Map<String, String> expected = SourceOffset.partition(properties.get(SourceConfig.TOPIC_PREFIX), ONLY_SHARD);
        offsets.forEach((partition, offset) -> {
            if (offset == null) {
                // Whatever it names, there is nothing to get wrong in forgetting it.
                return;
            }
            if (!expected.equals(partition)) {
                throw new ConnectException(
                        "source partition " + partition + " is not of this connector, whose only one is " + expected);
            }
            if (!List.copyOf(partition.keySet()).equals(List.copyOf(expected.keySet()))) {
                // The worker keeps offsets under the partition's text, and would keep this one where nobody looks for
                // it.
                throw new ConnectException("source partition " + partition
                        + " has its fields in another order than GET shows: " + expected);
            }
            try {
                ScanOffset.read(offset);
                ResumePoint point = SourceOffset.read(offset);
                if (point.last().size() != PARTITIONS) {
                    throw new ConnectException("source offset, field 'last' has "
                            + point.last().size() + " positions; the topic has " + PARTITIONS + " partition");
                }
            } catch (RedisCdcException e) {
                throw new ConnectException(e.getMessage(), e);
            }
        });
        return true;
    }
}
