package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The masters of a cluster and who of them has which slots, as they say themselves. */
final class ClusterMasters {

    private static final int WAIT_MS = 500;

    private final ClusterTarget target;
    private final String server;

    /** @param server how the configuration names the cluster */
    ClusterMasters(ClusterTarget target, String server) {
        this.target = target;
        this.server = server;
    }

    /**
     * Asks all of them.
     *
     * @throws RedisCdcException CONNECTION if they do not answer, or slots are nobody's
     */
    List<ClusterMaster> look() {
        Map<RedisAddress, NodeSlots> nodes = new LinkedHashMap<>();
        SlotRanges once = SlotRanges.NONE;
        SlotRanges twice = SlotRanges.NONE;
        for (RedisAddress address : target.masters()) {
            NodeSlots slots = NodeSlots.parse(target.connection(address).ownSlots());
            twice = twice.plus(once.and(slots.owned()));
            once = once.plus(slots.owned());
            nodes.put(address, slots);
        }
        if (!once.equals(SlotRanges.ALL)) {
            throw inFlux(SlotRanges.ALL.minus(once).size() + " slots are served by nobody");
        }
        List<ClusterMaster> masters = new ArrayList<>();
        SlotRanges unplaced = SlotRanges.ALL;
        for (Map.Entry<RedisAddress, NodeSlots> node : nodes.entrySet()) {
            NodeSlots slots = node.getValue();
            SlotRanges unsettled = slots.leaving().plus(slots.owned().and(twice));
            masters.add(
                    new ClusterMaster(node.getKey(), slots, slots.owned().minus(unsettled), unsettled.and(unplaced)));
            unplaced = unplaced.minus(slots.owned());
        }
        return masters;
    }

    /** Slots of which they say that they stay where they are. */
    SlotRanges stable() {
        SlotRanges stable = SlotRanges.NONE;
        for (ClusterMaster master : look()) {
            stable = stable.plus(master.stable());
        }
        return stable;
    }

    TargetConnection connection(ClusterMaster master) {
        return target.connection(master.address());
    }

    /** So that a failover of the next moment knows of what was written last. */
    void awaitReplica(ClusterMaster master) {
        TargetConnection node = connection(master);
        if (!node.info("replication").getOrDefault("connected_slaves", "0").equals("0")) {
            CommandBuffer wait = new CommandBuffer();
            wait.command(3).arg("WAIT").arg(1).arg(WAIT_MS);
            node.ask(wait);
        }
    }

    /** What was asked for cannot be done while the cluster is as it is. */
    RedisCdcException inFlux(String why) {
        return new RedisCdcException(Category.CONNECTION, server + " cannot be written to now: " + why);
    }
}
