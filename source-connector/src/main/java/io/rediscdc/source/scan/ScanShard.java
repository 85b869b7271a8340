package io.rediscdc.source.scan;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.sentinel.SentinelView;
import io.rediscdc.sentinel.Sentinels;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.cluster.Ownership;
import java.util.ArrayList;
import java.util.List;

/** Which servers a shard has: those of the configuration, or those that Sentinel or the cluster names. Any thread. */
final class ScanShard {

    private final ScanOptions options;

    /** Null for none. */
    private final ClusterShards cluster;

    /** @param cluster the caller's, null for none */
    ScanShard(ScanOptions options, ClusterShards cluster) {
        this.options = options;
        this.cluster = cluster;
    }

    /**
     * The servers as they are now. Of a cluster's shard only the master: a replica does not know which slots are on their way.
     *
     * @throws RedisCdcException CONNECTION if that is not known now; CONFIG if it cannot be
     */
    List<RedisAddress> nodes() {
        if (cluster != null) {
            RedisAddress master = cluster.find(options.shard()).master().address();
            if (master == null) {
                throw new RedisCdcException(
                        Category.CONNECTION, "nobody knows where the master of shard " + options.shard() + " is");
            }
            return List.of(master);
        }
        if (options.sentinel() == null) {
            return options.nodes();
        }
        try (Sentinels sentinels = new Sentinels(options.sentinel())) {
            SentinelView view = sentinels.ask();
            List<RedisAddress> nodes = new ArrayList<>(view.replicas());
            nodes.add(0, view.master());
            return nodes;
        }
    }

    /** Whether the cluster has named another master than this. */
    boolean isDeposed(RedisAddress master) {
        return cluster != null && cluster.isDeposed(options.shard(), master);
    }

    /** Which of the slots to be read the shard has now; null where it is no cluster's, or that is not known. */
    Ownership ownership() {
        Ownership owns = cluster == null ? null : cluster.ownership(options.shard());
        return owns == null || options.slots() == null
                ? owns
                : new Ownership(owns.slots().and(options.slots()), owns.epoch());
    }
}
