package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.source.cluster.Ownership;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Which servers a shard has: those of the configuration, or those that Sentinel or the cluster names. */
interface ShardNodes extends Closeable {

    /**
     * The servers at a moment.
     *
     * @param down those that are known not to be there, or were not a moment ago
     * @param master null where nobody says which one is
     */
    record Listing(List<RedisAddress> nodes, List<RedisAddress> down, RedisAddress master) {

        public Listing {
            nodes = List.copyOf(nodes);
            down = List.copyOf(down);
        }

        /** All of them, from the one on whose turn it is; those that are down last. */
        List<RedisAddress> inTurn(int turn) {
            List<RedisAddress> all = new ArrayList<>(nodes);
            if (!all.isEmpty()) {
                Collections.rotate(all, -Math.floorMod(turn, all.size()));
            }
            all.addAll(down);
            return all;
        }

        boolean confirms(Node node) {
            return confirms(node.link().node(), node.state());
        }

        /**
         * Whether a server is what it says it is. One that was away during a failover takes itself for the master for
         * seconds after its return, until it is told; what is written there meanwhile is lost.
         */
        boolean confirms(RedisAddress node, NodeState state) {
            boolean unknown = state.replid() == null;
            return master == null || unknown || !state.isMaster() || node.equals(master);
        }
    }

    /**
     * The servers as they are now.
     *
     * @throws RedisCdcException CONNECTION if that is not known now; CONFIG if it cannot be
     */
    Listing list(Cancellation cancellation);

    /** Whether another master than this has been named since. */
    default boolean isDeposed(RedisAddress master) {
        return false;
    }

    /** How often another master has been named. */
    default long masterChanges() {
        return 0;
    }

    /** Which slots the shard has now; null where it is no cluster's, or that is not known. */
    default Ownership ownership() {
        return null;
    }

    /** The server that knows best whether there is a key: of a cluster's shard, only the master knows what moves. */
    default RedisAddress authority(RedisAddress attached) {
        return attached;
    }

    /** Whether the shard is one of a cluster. */
    default boolean isClustered() {
        return false;
    }

    /** Ends the watching; from any thread. */
    @Override
    default void close() {}

    /** Of a shard that is no cluster's. */
    static ShardNodes of(ReplicaOptions options) {
        if (options.sentinel() != null) {
            return new SentinelNodes(options.sentinel());
        }
        return cancellation -> new Listing(options.nodes(), List.of(), null);
    }
}
