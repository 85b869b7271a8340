package io.rediscdc.cluster;

import io.rediscdc.address.RedisAddress;
import java.util.List;

/**
 * Whom to ask for the shape of a cluster.
 *
 * @param seeds nodes of it, at least one; the others are found
 * @param username ACL user, null for the default one
 * @param password null for none; never logged
 * @param timeoutMs bound on making a connection to one of them, and on each of its answers, ms
 */
public record ClusterOptions(List<RedisAddress> seeds, String username, String password, int timeoutMs) {

    public ClusterOptions {
        seeds = List.copyOf(seeds);
    }

    /** The same, with less time. */
    public ClusterOptions within(long ms) {
        return new ClusterOptions(seeds, username, password, (int) Math.max(1, Math.min(timeoutMs, ms)));
    }

    /** Names everything but the password. */
    @Override
    public String toString() {
        return "cluster of " + seeds;
    }
}
