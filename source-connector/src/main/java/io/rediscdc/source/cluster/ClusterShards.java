package io.rediscdc.source.cluster;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.cluster.ClusterOptions;
import io.rediscdc.cluster.ClusterShard;
import io.rediscdc.cluster.ClusterTopology;
import io.rediscdc.cluster.ClusterView;
import io.rediscdc.cluster.ClusterWatch;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.Closeable;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shards of a cluster by their names, and what becomes of them while they are read. Thread-safe. */
public final class ClusterShards implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterShards.class);

    private final ClusterTopology topology;
    private final ShardNames names;
    private final ClusterWatch watch;

    // Guarded by this.
    private Map<String, ClusterShard> shards = Map.of();
    private long epoch;
    private final Map<String, Long> masterChanges = new HashMap<>();

    /** Begins to watch. */
    public ClusterShards(ClusterOptions options, ShardNames names) {
        this.topology = new ClusterTopology(options);
        this.names = names;
        this.watch = new ClusterWatch(topology, this::seen);
    }

    /**
     * Asks the cluster for a shard.
     *
     * @throws io.rediscdc.error.ClusterException as {@link ClusterTopology#ask}
     * @throws RedisCdcException CONNECTION if there is no such shard now
     */
    public ClusterShard find(String name) {
        ClusterView view = topology.ask();
        synchronized (this) {
            note(view);
            ClusterShard shard = shards.get(name);
            if (shard == null) {
                throw new RedisCdcException(
                        Category.CONNECTION, "shard " + name + " is not in the cluster now, says " + view.saidBy());
            }
            return shard;
        }
    }

    /** What was heard of a shard last, null for nothing. */
    private synchronized ClusterShard known(String name) {
        return shards.get(name);
    }

    private synchronized void seen(ClusterView view) {
        // One that is cut off from the others goes on describing how it was.
        if (view.epoch() >= epoch) {
            note(view);
        }
    }

    private synchronized void note(ClusterView view) {
        Map<String, ClusterShard> now = names.match(view);
        now.forEach((name, shard) -> {
            ClusterShard before = shards.get(name);
            if (before != null && !before.master().id().equals(shard.master().id())) {
                masterChanges.merge(name, 1L, Long::sum);
                LOG.warn(
                        "Cluster: the master of shard {} is now {}, and no longer {} (says {})",
                        name,
                        shard.master().address(),
                        before.master().address(),
                        view.saidBy());
            }
        });
        shards = now;
        epoch = view.epoch();
    }

    /** Which slots a shard has, as was heard last; null where that is not known. */
    public Ownership ownership(String name) {
        ClusterShard shard = known(name);
        return shard == null ? null : new Ownership(shard.slots(), shard.configEpoch());
    }

    /** Whether another node than this was named as the shard's master last. */
    public boolean isDeposed(String name, RedisAddress master) {
        ClusterShard shard = known(name);
        return shard != null && !master.equals(shard.master().address());
    }

    /** Where a shard's master is, null where that is not known. */
    public RedisAddress master(String name) {
        ClusterShard shard = known(name);
        return shard == null ? null : shard.master().address();
    }

    /** How often another master was named. */
    public synchronized long masterChanges(String name) {
        return masterChanges.getOrDefault(name, 0L);
    }

    @Override
    public void close() {
        topology.close();
        watch.close();
    }
}
