package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.SentinelException;
import io.rediscdc.sentinel.MasterWatch;
import io.rediscdc.sentinel.SentinelView;
import io.rediscdc.sentinel.Sentinels;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Which servers a shard has: those of the configuration, or those that Sentinel names. */
final class ShardNodes implements Closeable {

    /**
     * The servers at a moment.
     *
     * @param down those that are known not to be there, or were not a moment ago
     * @param master null where nobody says which one is
     */
    record Listing(List<RedisAddress> nodes, List<RedisAddress> down, RedisAddress master) {

        Listing {
            nodes = List.copyOf(nodes);
            down = List.copyOf(down);
        }

        /** All of them, from the one on whose turn it is; those that are down last. */
        List<RedisAddress> inTurn(int turn) {
            List<RedisAddress> all = new ArrayList<>(nodes);
            Collections.rotate(all, -Math.floorMod(turn, nodes.size()));
            all.addAll(down);
            return all;
        }

        boolean confirms(Node node) {
            return confirms(node.link().node(), node.state());
        }

        /**
         * Whether a server is what it says it is. One that was away during a failover takes itself for the master for
         * seconds after its return, until Sentinel tells it; what is written there meanwhile is lost.
         */
        boolean confirms(RedisAddress node, NodeState state) {
            boolean unknown = state.replid() == null;
            return master == null || unknown || !state.isMaster() || node.equals(master);
        }
    }

    private final List<RedisAddress> given;

    /** Null where the servers are given. */
    private final Sentinels sentinels;

    private final MasterWatch watch;

    ShardNodes(ReplicaOptions options) {
        given = options.nodes();
        sentinels = options.sentinel() == null ? null : new Sentinels(options.sentinel());
        watch = sentinels == null
                ? null
                : new MasterWatch(sentinels, options.sentinel().master());
    }

    /**
     * The servers as they are now.
     *
     * @throws SentinelException as {@link Sentinels#ask}
     */
    Listing list(Cancellation cancellation) {
        if (sentinels == null) {
            return new Listing(given, List.of(), null);
        }
        cancellation.guard(sentinels);
        SentinelView view = sentinels.ask();
        List<RedisAddress> nodes = new ArrayList<>(view.replicas());
        nodes.add(0, view.master());
        return new Listing(nodes, view.down(), view.master());
    }

    /** Whether Sentinel has named another master since. */
    boolean isDeposed(RedisAddress master) {
        return sentinels != null && sentinels.isDeposed(master);
    }

    /** How often Sentinel has named another master. */
    long masterChanges() {
        return sentinels == null ? 0 : sentinels.changes();
    }

    /** Ends the watching; from any thread. */
    @Override
    public void close() {
        if (sentinels != null) {
            sentinels.close();
            watch.close();
        }
    }
}
