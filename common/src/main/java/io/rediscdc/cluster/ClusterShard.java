package io.rediscdc.cluster;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A master that owns slots, with its replicas: one replication history. */
public record ClusterShard(ClusterNode master, List<ClusterNode> replicas) {

    public ClusterShard {
        replicas = List.copyOf(replicas);
    }

    public SlotRanges slots() {
        return master.slots();
    }

    public long configEpoch() {
        return master.configEpoch();
    }

    /** The master, then the replicas. */
    public List<ClusterNode> members() {
        List<ClusterNode> members = new ArrayList<>(replicas.size() + 1);
        members.add(master);
        members.addAll(replicas);
        return members;
    }

    /** The member of that node id. */
    public Optional<ClusterNode> member(String id) {
        return members().stream().filter(node -> node.id().equals(id)).findFirst();
    }

    /** Where its members are that can be connected to, or not, as the cluster knows; the master, if it is one, first. */
    public List<RedisAddress> addresses(boolean reachable) {
        return members().stream()
                .filter(node -> node.address() != null && node.isReachable() == reachable)
                .map(ClusterNode::address)
                .toList();
    }
}
