package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.cluster.ClusterShard;
import io.rediscdc.source.cluster.ClusterShards;
import io.rediscdc.source.cluster.Ownership;

/** The servers of one of a cluster's shards. The cluster is the caller's, who reads others of its shards too. */
final class ClusterNodes implements ShardNodes {

    private final ClusterShards cluster;
    private final String shard;

    ClusterNodes(ClusterShards cluster, String shard) {
        this.cluster = cluster;
        this.shard = shard;
    }

    @Override
    public Listing list(Cancellation cancellation) {
        ClusterShard found = cluster.find(shard);
        return new Listing(
                found.addresses(true), found.addresses(false), found.master().address());
    }

    @Override
    public boolean isDeposed(RedisAddress master) {
        return cluster.isDeposed(shard, master);
    }

    @Override
    public long masterChanges() {
        return cluster.masterChanges(shard);
    }

    @Override
    public Ownership ownership() {
        return cluster.ownership(shard);
    }

    @Override
    public RedisAddress authority(RedisAddress attached) {
        RedisAddress master = cluster.master(shard);
        return master == null ? attached : master;
    }

    @Override
    public boolean isClustered() {
        return true;
    }
}
