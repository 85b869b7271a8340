package io.rediscdc.sentinel;

import io.rediscdc.address.RedisAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sentinel says of a master.
 *
 * @param replicas those it knows, whether they can be reached or not
 * @param epoch of this configuration: grows with every failover
 * @param saidBy the sentinel
 */
public record SentinelView(RedisAddress master, List<RedisAddress> replicas, long epoch, RedisAddress saidBy) {

    public SentinelView {
        replicas = List.copyOf(replicas);
    }

    /** The master, then its replicas. */
    public List<RedisAddress> nodes() {
        List<RedisAddress> nodes = new ArrayList<>(replicas.size() + 1);
        nodes.add(master);
        replicas.stream().filter(replica -> !replica.equals(master)).forEach(nodes::add);
        return nodes;
    }
}
