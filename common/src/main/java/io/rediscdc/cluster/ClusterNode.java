package io.rediscdc.cluster;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.slot.SlotRanges;
import java.util.Map;

/**
 * A node of a cluster, as another one describes it.
 *
 * @param id 40 hexadecimal digits, the node's own for as long as it is not reset
 * @param address null where it is not known (flag {@code noaddr})
 * @param masterId of a replica: whose; null of a master
 * @param failed whether the masters agree that it is down
 * @param configEpoch of the slots: who has the greater one has them; of a replica, its master's
 * @param slots those that it owns; of a replica none
 * @param migrating slots on their way to another node, with that one's id; said by the node itself only
 * @param importing slots on their way here, with the id of the node that owns them; said by the node itself only
 */
public record ClusterNode(
        String id,
        RedisAddress address,
        String masterId,
        boolean failed,
        long configEpoch,
        SlotRanges slots,
        Map<Integer, String> migrating,
        Map<Integer, String> importing) {

    public ClusterNode {
        migrating = Map.copyOf(migrating);
        importing = Map.copyOf(importing);
    }

    public boolean isMaster() {
        return masterId == null;
    }

    /** Whether one can try to connect to it. */
    public boolean isReachable() {
        return address != null && !failed;
    }
}
