package io.rediscdc.source;

import io.rediscdc.cluster.ClusterNode;
import io.rediscdc.cluster.ClusterOptions;
import io.rediscdc.cluster.ClusterShard;
import io.rediscdc.cluster.ClusterTopology;
import io.rediscdc.cluster.ClusterView;
import io.rediscdc.cluster.ClusterWatch;
import io.rediscdc.connection.RespConnection;
import io.rediscdc.error.ClusterException;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.source.cluster.ShardNames;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.apache.kafka.connect.util.ConnectorUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which task reads which shards of a cluster. Watches the cluster and asks for a new assignment when there are other
 * shards, seen twice in a row. A failover is the tasks' own business, unless the new master is a node that they have not been
 * told of: a task that starts again has to find its shards by that.
 *
 * <p>After a start of the connector, shards get the names under which offsets are stored. A shard may have been through
 * failovers since: its history still knows that of before, as {@code master_replid2}.
 */
final class ShardAssignment implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ShardAssignment.class);
    private static final long START_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE_MS = 500;

    /** After so many looks it is asked for again. */
    private static final int REMINDER = 20;

    private final String source;
    private final ClusterOptions options;
    private final OffsetStorageReader offsets;
    private final Runnable reassign;
    private final ClusterTopology topology;

    // Guarded by this.
    private ShardNames names;
    private Map<String, ClusterShard> shards = Map.of();
    private ShardNames told = new ShardNames();
    private Set<String> assigned = Set.of();

    /** Those that were assigned and are no shards any more. */
    private final Set<String> gone = new TreeSet<>();

    private int differences;
    private ClusterWatch watch;

    private volatile boolean closed;

    /** @param reassign asks for {@link #taskConfigs} to be called again */
    ShardAssignment(String source, ClusterOptions options, OffsetStorageReader offsets, Runnable reassign) {
        this.source = source;
        this.options = options;
        this.offsets = offsets;
        this.reassign = reassign;
        this.topology = new ClusterTopology(options);
    }

    /**
     * What each task gets besides the connector's properties. None while the cluster does not answer; the assignment is asked
     * for again then when it does.
     *
     * @throws RedisCdcException CONFIG if it cannot be read as it is configured
     */
    synchronized List<Map<String, String>> taskConfigs(int maxTasks) {
        if (names == null) {
            awaitCluster();
        }
        if (watch == null && !closed) {
            watch = new ClusterWatch(topology, this::seen);
        }
        if (!shards.isEmpty()) {
            gone.addAll(assigned);
            gone.removeAll(shards.keySet());
        }
        assigned = Set.copyOf(shards.keySet());
        differences = 0;
        if (names == null || shards.isEmpty()) {
            return List.of();
        }
        told = ShardNames.parse(names.toString());
        List<Map<String, String>> configs = new ArrayList<>();
        List<String> all = List.copyOf(new TreeMap<>(shards).keySet());
        for (List<String> some : ConnectorUtils.groupPartitions(all, Math.min(maxTasks, all.size()))) {
            Map<String, String> config = new HashMap<>();
            config.put(RedisSourceConnector.SHARD, String.join(",", some));
            config.put(RedisSourceConnector.CLUSTER_SHARDS, names.toString());
            if (configs.isEmpty() && !gone.isEmpty()) {
                config.put(RedisSourceConnector.GONE_SHARDS, String.join(",", gone));
            }
            configs.add(config);
        }
        return configs;
    }

    private void awaitCluster() {
        long until = System.nanoTime() + START_PATIENCE_NANOS;
        while (true) {
            try {
                first(topology.ask());
                return;
            } catch (ClusterException e) {
                if (!e.isRetriable()) {
                    throw e;
                }
                if (closed || System.nanoTime() - until >= 0) {
                    LOG.warn("{}; there are no tasks until it does", e.getMessage());
                    return;
                }
            }
            try {
                Thread.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void seen(ClusterView view) {
        if (isToReassign(view)) {
            // Not under the lock: the worker may call back at once.
            reassign.run();
        }
    }

    private synchronized boolean isToReassign(ClusterView view) {
        if (names == null) {
            first(view);
        } else {
            shards = names.match(view);
        }
        boolean isOther = !assigned.equals(shards.keySet())
                || shards.entrySet().stream()
                        .anyMatch(shard -> !told.isMember(
                                shard.getKey(), shard.getValue().master().id()));
        differences = isOther ? differences + 1 : 0;
        boolean isTime = differences % REMINDER == 2;
        if (isTime) {
            LOG.info("The cluster has other shards: {} in place of {}", shards.keySet(), assigned);
        }
        if (differences == 2) {
            assigned.stream().filter(name -> !shards.containsKey(name)).forEach(ShardAssignment::tellGone);
        }
        return isTime;
    }

    /** Nobody can know: its last master has another history now, or is away. */
    private static void tellGone(String shard) {
        LOG.warn(
                "Shard {} has given its last slot away, and no node is its master any more. What had not been read of its"
                        + " history by then is lost; where its keys are now they are read on, but one that was deleted there at"
                        + " last may still be at the targets. To be sure, have the shards that got its slots make a new"
                        + " snapshot: reset their offsets",
                shard);
    }

    /** Finds the names that the shards had before. */
    private void first(ClusterView view) {
        Map<String, String> stored = storedHistories(view);
        ShardNames found = new ShardNames();
        Set<String> named = new HashSet<>();
        for (ClusterShard shard : stored.isEmpty() ? List.<ClusterShard>of() : view.shards()) {
            for (String replid : histories(shard)) {
                stored.entrySet().stream()
                        .filter(name -> name.getValue().equals(replid))
                        .findFirst()
                        .ifPresent(name -> {
                            found.remember(name.getKey(), shard);
                            named.add(shard.master().id());
                            stored.remove(name.getKey());
                        });
            }
        }
        for (ClusterShard shard : view.shards()) {
            if (!named.contains(shard.master().id())) {
                shard.members().stream()
                        .map(ClusterNode::id)
                        .filter(id -> stored.remove(id) != null)
                        .findFirst()
                        .ifPresent(id -> found.remember(id, shard));
            }
        }
        names = found;
        shards = found.match(view);
        LOG.info("The cluster has {} shards: {}", shards.size(), shards.keySet());
    }

    /** By the name of each shard that has a stored offset: the replication id in that, empty for none. */
    private Map<String, String> storedHistories(ClusterView view) {
        Map<Map<String, String>, String> partitions = new HashMap<>();
        view.nodes().forEach(node -> partitions.put(SourceOffset.partition(source, node.id()), node.id()));
        Map<String, String> stored = new HashMap<>();
        offsets.offsets(partitions.keySet()).forEach((partition, offset) -> {
            if (offset != null) {
                stored.put(partitions.get(partition), offset.get("replid") instanceof String replid ? replid : "");
            }
        });
        return stored;
    }

    /** The replication ids that a shard's master knows as its own; none where it does not say. */
    private List<String> histories(ClusterShard shard) {
        if (shard.master().address() == null) {
            return List.of();
        }
        try (RespConnection master = new RespConnection(shard.master().address(), options.timeoutMs())) {
            master.connect();
            master.login(options.username(), options.password());
            Reply info = master.call("INFO", "replication");
            return info.isFailure()
                    ? List.of()
                    : info.text()
                            .lines()
                            .filter(line -> line.startsWith("master_replid"))
                            .map(line -> line.substring(line.indexOf(':') + 1).trim())
                            .toList();
        } catch (IOException e) {
            LOG.info("Not known which history {} has: {}", shard.master().address(), e.getMessage());
            return List.of();
        }
    }

    @Override
    public void close() {
        closed = true;
        topology.close();
        ClusterWatch open;
        synchronized (this) {
            open = watch;
        }
        if (open != null) {
            open.close();
        }
    }
}
