package io.rediscdc.sentinel;

import io.rediscdc.address.RedisAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sentinel says of a master.
 *
 * @param replicas those that it can reach
 * @param down those that it cannot
 * @param epoch of this configuration: grows with every failover
 * @param saidBy the sentinel
 */
public record SentinelView(
        RedisAddress master, List<RedisAddress> replicas, List<RedisAddress> down, long epoch, RedisAddress saidBy) {

    public SentinelView {
        replicas = List.copyOf(replicas);
        down = List.copyOf(down);
    }

    /** The master, then its replicas, first those that can be reached. */
    public List<RedisAddress> nodes() {
        List<RedisAddress> nodes = new ArrayList<>(replicas.size() + down.size() + 1);
        nodes.add(master);
        nodes.addAll(replicas);
        nodes.addAll(down);
        return nodes;
    }
}
