package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Up to where the history of a partition has been taken, shard by shard; decides about each record whether it comes
 * next. What comes next has {@code prev <= taken < position}. To skip by position alone would lose data: after a failed
 * producer batch a topic can read 99, 150-199, 100-199.
 */
final class History {

    private static final Logger log = LoggerFactory.getLogger(History.class);

    private final Map<String, Position> taken;

    private final boolean fromAnywhere;

    /**
     * @param fromAnywhere whether the first record of a shard, whatever it follows, is where its history begins: an operator has
     *     chosen it
     */
    History(Map<String, Position> taken, boolean fromAnywhere) {
        this.taken = new HashMap<>(taken);
        this.fromAnywhere = fromAnywhere;
    }

    /**
     * Whether a record comes next.
     *
     * @return false if it has been taken before
     * @throws RedisCdcException GAP if something between is missing
     */
    boolean isNext(Delivery delivery) {
        Stamp stamp = delivery.change().stamp();
        String shard = stamp.origin().shard();
        Position last = taken.get(shard);
        if (last == null) {
            checkStart(delivery);
        } else if (!stamp.position().isAfter(last)) {
            return false;
        } else if (stamp.prev().isAfter(last)) {
            throw new RedisCdcException(
                    Category.GAP,
                    "records of shard " + shard + " are missing between position " + last
                            + ", the last one applied, and position " + stamp.prev() + ", which the record at "
                            + delivery.place() + " (position " + stamp.position()
                            + ") follows. If the topic still holds them, restart the task, which reads on from its"
                            + " checkpoint; if retention or compaction has removed them, let the source make a new"
                            + " snapshot, then " + Rewind.HOW);
        }
        return true;
    }

    /** Takes what {@link #isNext}. */
    void take(Delivery delivery) {
        Stamp stamp = delivery.change().stamp();
        taken.put(stamp.origin().shard(), stamp.position());
    }

    /** Forgets what was taken since a position. */
    void goBack(String shard, Position to) {
        taken.put(shard, to);
    }

    private void checkStart(Delivery delivery) {
        Op op = delivery.change().op();
        Stamp stamp = delivery.change().stamp();
        // The first snapshot begins anywhere: what was before it, it contains.
        if (op == Op.SNAPSHOT_BEGIN || stamp.prev().equals(Position.NONE)) {
            return;
        }
        String shard = stamp.origin().shard();
        if (!fromAnywhere) {
            throw new RedisCdcException(
                    Category.GAP,
                    "nothing of shard " + shard + " has been applied to the target, but the record at "
                            + delivery.place() + " follows position " + stamp.prev()
                            + ": the checkpoint is missing, or the topic's beginning is. To begin elsewhere, "
                            + Rewind.HOW + "; if there is no snapshot.begin in the topic, let the source make a new"
                            + " snapshot before");
        }
        Command command = delivery.change().command();
        if (command != null && (isWithinTransaction(command) || isWithinCommand(command))) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the offsets were altered to " + delivery.place() + ", in the middle of a "
                            + (isWithinCommand(command) ? "large command" : "transaction")
                            + ", which is not applied by halves; " + Rewind.HOW);
        }
        log.warn(
                "The history of shard {} begins in the middle, with the record at {} (position {}, after {}), because the"
                        + " offsets were altered: what was before it is taken for applied, and what was applied"
                        + " before is applied again",
                shard,
                delivery.place(),
                stamp.position(),
                stamp.prev());
    }

    private static boolean isWithinTransaction(Command command) {
        return command.tx() != null && command.tx().index() > 0;
    }

    private static boolean isWithinCommand(Command command) {
        return command.piece() != null && command.piece().number() > 0;
    }
}
