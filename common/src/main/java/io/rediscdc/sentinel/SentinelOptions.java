package io.rediscdc.sentinel;

import io.rediscdc.address.RedisAddress;
import java.util.List;

/**
 * Which master is meant, and whom to ask for it.
 *
 * @param master its name, as in the sentinels' {@code sentinel monitor <name> ...}
 * @param nodes the sentinels, at least one
 * @param username ACL user at the sentinels (6.2 and later), null for the default one
 * @param password for the sentinels themselves, null for none; never logged
 * @param timeoutMs bound on making a connection to one of them, and on each of its answers, ms
 */
public record SentinelOptions(
        String master, List<RedisAddress> nodes, String username, String password, int timeoutMs) {

    public static final int DEFAULT_PORT = 26379;

    public SentinelOptions {
        nodes = List.copyOf(nodes);
    }

    /** The same, with less time. */
    public SentinelOptions within(long ms) {
        return new SentinelOptions(master, nodes, username, password, (int) Math.max(1, Math.min(timeoutMs, ms)));
    }

    /** Names everything but the password. */
    @Override
    public String toString() {
        return "master '" + master + "' of Sentinel " + nodes;
    }
}
