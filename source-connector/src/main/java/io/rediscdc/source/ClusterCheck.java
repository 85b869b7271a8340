package io.rediscdc.source;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.cluster.ClusterOptions;
import io.rediscdc.cluster.ClusterShard;
import io.rediscdc.cluster.ClusterTopology;
import io.rediscdc.cluster.ClusterView;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.ClusterException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;

/** Tries a configuration on the cluster it names, and attaches what is wrong to the option that can mend it. */
final class ClusterCheck {

    private ClusterCheck() {}

    /** Of each shard, one node that would have us is enough; the master has to, where it is scanned. */
    static void run(SourceConfig config, Map<String, ConfigValue> values) {
        ConnectionConfig connection = config.connection();
        ClusterOptions options = connection.cluster().within(connection.validationTimeoutMs());
        ClusterView view;
        try (ClusterTopology topology = new ClusterTopology(options)) {
            view = topology.ask();
        } catch (ClusterException e) {
            values.get(ConnectionConfig.optionOf(e)).addErrorMessage(e.getMessage());
            return;
        }
        if (!view.uncovered().isEmpty()) {
            values.get(ConnectionConfig.CLUSTER_NODES)
                    .addErrorMessage("the cluster is not whole: nobody owns the slots " + view.uncovered() + ", says "
                            + view.saidBy() + "; see redis-cli --cluster check");
            return;
        }
        Map<String, String> errors = new LinkedHashMap<>();
        view.shards()
                .forEach(shard ->
                        errors.putAll(errors(shard, config, view.shards().size())));
        errors.forEach((message, field) -> values.get(field).addErrorMessage(message));
    }

    private static Map<String, String> errors(ClusterShard shard, SourceConfig config, int shards) {
        if (config.scans()) {
            Map<String, String> errors = new LinkedHashMap<>();
            ScanCheck.isUsable(config.scan("", false).at(shard.master().address()), config, errors);
            return errors;
        }
        List<RedisAddress> nodes = new ArrayList<>(shard.addresses(true));
        nodes.addAll(shard.addresses(false));
        long timeoutMs = config.connection().validationTimeoutMs() / ((long) shards * Math.max(1, nodes.size()));
        Map<String, String> errors = new LinkedHashMap<>();
        for (RedisAddress node : nodes) {
            if (SourceCheck.isUsable(node, config, Math.max(1, timeoutMs), errors)) {
                return Map.of();
            }
        }
        return errors;
    }
}
