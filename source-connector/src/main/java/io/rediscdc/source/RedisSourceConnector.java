package io.rediscdc.source;

import io.rediscdc.Version;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.config.UnknownOptions;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.source.replica.ResumePoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/** Publishes the history of a Redis into a Kafka topic. A cluster's shards are spread over the tasks. */
public final class RedisSourceConnector extends SourceConnector {

    /** Task property: the shards the task reads, comma-separated. A Redis that is no cluster is one shard. */
    static final String SHARD = "shard";

    /** Task property, of a cluster: {@link io.rediscdc.source.cluster.ShardNames}. */
    static final String CLUSTER_SHARDS = "cluster.shards";

    /** Of a task: shards that there are no more, of which it is to publish that; comma-separated, missing for none. */
    static final String GONE_SHARDS = "cluster.shards.gone";

    private static final String ONLY_SHARD = "0";
    private static final Pattern CLUSTER_SHARD = Pattern.compile("[0-9a-f]{40}(\\.[0-9]+)?");

    private Map<String, String> properties;

    /** Null where there is no cluster. */
    private ShardAssignment assignment;

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
        return RedisSourceTask.class;
    }

    @Override
    public void start(Map<String, String> properties) {
        this.properties = properties;
        SourceConfig config = new SourceConfig(properties);
        if (config.connection().cluster() != null) {
            assignment = new ShardAssignment(
                    config.sourceName(),
                    config.connection().cluster(),
                    context().offsetStorageReader(),
                    () -> context().requestTaskReconfiguration());
        }
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        try {
            return (assignment == null ? List.of(Map.of(SHARD, ONLY_SHARD)) : assignment.taskConfigs(maxTasks))
                    .stream().map(this::task).toList();
        } catch (RedisCdcException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private Map<String, String> task(Map<String, String> own) {
        Map<String, String> task = new HashMap<>(properties);
        task.putAll(own);
        return task;
    }

    @Override
    public void stop() {
        // The tasks have the links.
        if (assignment != null) {
            assignment.close();
        }
    }

    @Override
    public Config validate(Map<String, String> properties) {
        Config config = super.validate(properties);
        Map<String, ConfigValue> values = new HashMap<>();
        for (ConfigValue value : config.configValues()) {
            values.put(value.name(), value);
        }
        ConnectionConfig.checkTogether(values);
        SourceConfig.checkTogether(values);
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
        SourceConfig config = new SourceConfig(properties);
        offsets.forEach((partition, offset) -> {
            if (offset == null) {
                // Whatever it names, there is nothing to get wrong in forgetting it.
                return;
            }
            Map<String, String> expected = expectedPartition(config, partition);
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
                if (point.last().size() != config.partitions()) {
                    throw new ConnectException("source offset, field 'last' has "
                            + point.last().size() + " positions; the topic has " + config.partitions()
                            + (config.partitions() == 1 ? " partition" : " partitions"));
                }
            } catch (RedisCdcException e) {
                throw new ConnectException(e.getMessage(), e);
            }
        });
        return true;
    }

    /** Of a cluster, any shard may be meant. */
    private static Map<String, String> expectedPartition(SourceConfig config, Map<String, ?> partition) {
        boolean clustered = config.connection().cluster() != null;
        boolean isShard = clustered
                && partition.get(SHARD) instanceof String shard
                && CLUSTER_SHARD.matcher(shard).matches();
        String shard = isShard ? (String) partition.get(SHARD) : clustered ? "<node id>" : ONLY_SHARD;
        return SourceOffset.partition(config.sourceName(), shard);
    }
}
