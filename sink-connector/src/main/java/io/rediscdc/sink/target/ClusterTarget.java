package io.rediscdc.sink.target;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.cluster.ClusterShard;
import io.rediscdc.cluster.ClusterTopology;
import io.rediscdc.config.ConnectionConfig;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The Redis Cluster that a task writes to: who its masters are, a connection to each for looking, and more for writing.
 * Used by one thread.
 */
public final class ClusterTarget implements AutoCloseable {

    /** What it needs beside what any target needs. */
    private static final String RIGHTS = "+eval +cluster|nodes +cluster|countkeysinslot +cluster|getkeysinslot";

    private final ClusterTopology topology;
    private final String user;
    private final TargetServer server;
    private final Map<RedisAddress, TargetConnection> connections = new HashMap<>();

    /** @param server makes the connections */
    public ClusterTarget(ConnectionConfig config, TargetServer server) {
        this.topology = new ClusterTopology(config.cluster());
        this.server = server;
        this.user = config.username() == null ? "default" : config.username();
    }

    /**
     * Asks the nodes which masters there are that own slots.
     *
     * @throws io.rediscdc.error.ClusterException if none says it
     */
    public List<RedisAddress> masters() {
        Set<RedisAddress> masters = new LinkedHashSet<>();
        for (ClusterShard shard : topology.ask().shards()) {
            if (shard.master().address() != null) {
                masters.add(shard.master().address());
            }
        }
        connections.keySet().stream()
                .filter(address -> !masters.contains(address))
                .toList()
                .forEach(this::disconnect);
        return List.copyOf(masters);
    }

    /**
     * A connection to a node, for looking and claiming.
     *
     * @throws io.rediscdc.error.RedisCdcException CONNECTION, CONFIG, UNSUPPORTED if there is none that can be used
     */
    public TargetConnection connection(RedisAddress address) {
        TargetConnection known = connections.get(address);
        if (known != null && known.isOpen()) {
            return known;
        }
        disconnect(address);
        TargetConnection made = server.connect(address);
        try {
            made.facts().check(true);
            checkRights(made);
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
        connections.put(address, made);
        return made;
    }

    /** Without these nothing can be written. */
    private void checkRights(TargetConnection connection) {
        try {
            connection.ownSlots();
        } catch (ReplyException e) {
            if (e.code().equals("NOPERM") || e.getMessage().contains("can't run this command")) {
                ConnectFailure failure = new ConnectFailure(
                        ConnectFailure.Kind.PERMISSION,
                        e.getMessage() + "; grant what a cluster needs: ACL SETUSER " + user + " " + RIGHTS);
                throw new ConnectFailedException(failure, e);
            }
            throw e;
        }
    }

    /** Ends a connection on which something went wrong. */
    public void disconnect(RedisAddress address) {
        TargetConnection connection = connections.remove(address);
        if (connection != null) {
            connection.close();
        }
    }

    /** A node to be written to. */
    public Target node(RedisAddress address) {
        return new Target() {
            @Override
            public TargetConnection connect() {
                return server.connect(address);
            }

            @Override
            public boolean isDeposed(TargetConnection connection) {
                return false;
            }

            @Override
            public boolean isCluster() {
                return true;
            }
        };
    }

    /** Ends the connections for looking; the server that made them is its owner's to close. */
    @Override
    public void close() {
        topology.close();
        List.copyOf(connections.keySet()).forEach(this::disconnect);
    }
}
