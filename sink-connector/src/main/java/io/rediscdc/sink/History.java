package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import java.util.HashMap;
import java.util.Map;

/**
 * Up to where the history of a partition has been taken, shard by shard; decides about each record whether it comes
 * next. What comes next has {@code prev <= taken < position}. To skip by position alone would lose data: after a failed
 * producer batch a topic can read 99, 150-199, 100-199.
 */
final class History {

    private final Map<String, Position> taken;

    History(Map<String, Position> taken) {
        this.taken = new HashMap<>(taken);
    }

    /**
     * Takes a record if it comes next.
     *
     * @return false if it has been taken before
     * @throws RedisCdcException GAP if something between is missing
     */
    boolean take(Delivery delivery) {
        Stamp stamp = delivery.change().stamp();
        String shard = stamp.origin().shard();
        Position last = taken.get(shard);
        if (last == null) {
            // The first snapshot begins anywhere: what was before it, it contains.
            if (delivery.change().op() != Op.SNAPSHOT_BEGIN && !stamp.prev().equals(Position.NONE)) {
                throw new RedisCdcException(
                        Category.GAP,
                        "nothing of shard " + shard + " has been applied to the target, but the record at "
                                + delivery.place() + " follows position " + stamp.prev()
                                + ": the checkpoint is missing, or the topic's beginning is. Read the topic from a"
                                + " snapshot.begin (reset the connector's offsets), or let the source make a new snapshot");
            }
        } else if (!stamp.position().isAfter(last)) {
            return false;
        } else if (stamp.prev().isAfter(last)) {
            throw new RedisCdcException(
                    Category.GAP,
                    "records of shard " + shard + " are missing between position " + last
                            + ", the last one applied, and position " + stamp.prev() + ", which the record at "
                            + delivery.place() + " (position " + stamp.position()
                            + ") follows. If the topic still holds them, reset the connector's offsets to before"
                            + " them; if retention or compaction has removed them, let the source make a new snapshot");
        }
        taken.put(shard, stamp.position());
        return true;
    }
}
