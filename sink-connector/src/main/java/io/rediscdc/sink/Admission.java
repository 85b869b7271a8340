package io.rediscdc.sink;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.CommandTable;
import io.rediscdc.config.RepairConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Stamp;
import io.rediscdc.slot.Slot;
import java.util.BitSet;
import java.util.Set;

/**
 * Decides of each record of a cluster whether it is applied: if it is of the shard from which its keys are taken ({@link View}).
 * If not, its keys are owed: their states are asked of the source, and with the answer they are taken from the shard that gave
 * it. Of other sources all is applied. Not thread-safe.
 */
final class Admission {

    private static final String RESTORE_ASKING = "restore-asking";
    private static final Set<String> DELETING = Set.of("del", "unlink");

    private final View view;
    private final Repairs repairs;
    private final LargeValues large;
    private final WriterMetrics metrics;

    Admission(View view, Repairs repairs, LargeValues large, WriterMetrics metrics) {
        this.view = view;
        this.repairs = repairs;
        this.large = large;
        this.metrics = metrics;
    }

    /**
     * Whether what comes next is to be applied. If not, what has to be done in its place has been noted.
     *
     * @throws RedisCdcException CONFIG if its keys had to be asked for and cannot be, or it is of another partition
     */
    boolean admits(Delivery next) {
        Change change = next.change();
        see(next);
        if (!view.isOn()) {
            return !isForView(change);
        }
        String shard = change.stamp().origin().shard();
        return switch (change.op()) {
            case SET, DEL -> change.stamp().asOf() != null ? answer(change, shard) : state(next, shard);
            case COMMAND -> command(next, shard);
            // All partitions have them, from all shards.
            case FUNCTION -> view.takesFunctionsOf(shard);
            // Nothing is left for it to do: Resync has removed the keys.
            case FLUSH -> false;
            case SWAPDB, SCRIPT, PUBLISH, SNAPSHOT_BEGIN, SNAPSHOT_END, HEARTBEAT -> true;
        };
    }

    /**
     * Whether a command that is sent piece by piece is to be applied. Until all of it is there, nothing else is taken that could
     * change that.
     */
    boolean isInView(Change change) {
        if (!view.isOn()) {
            return true;
        }
        Command command = change.command();
        boolean inView = change.stamp().origin().shard().equals(view.of(change.key()))
                && !view.isImportedBy(change.stamp().origin().shard(), FirstSlot.of(change))
                && !RESTORE_ASKING.equals(
                        CommandTable.standard().spec(command.args()).name());
        for (int index : command.keys()) {
            inView = inView
                    && change.stamp()
                            .origin()
                            .shard()
                            .equals(view.of(new ChangeKey(change.key().db(), command.args()[index])));
        }
        return inView;
    }

    /** All of a command that {@link #isInView} has been sent. */
    void streamed(Delivery whole) {
        see(whole);
        if (view.isOn()) {
            see(whole.change().key(), whole.change().stamp(), true, whole);
        }
    }

    /** Whether it says only that slots are on their way. */
    private static boolean isForView(Change change) {
        return change.op() == Op.COMMAND
                && change.command().keys().length == 0
                && CommandTable.standard().spec(change.command().args()).kind() == CommandKind.CLUSTER;
    }

    private void see(Delivery next) {
        view.see(next);
        BitSet arrived = view.takeArrived();
        if (arrived != null) {
            Stamp stamp = next.change().stamp();
            repairs.arrived(arrived, stamp.origin().shard(), stamp.tsMs());
        }
    }

    private boolean state(Delivery next, String shard) {
        Change change = next.change();
        ChangeKey key = change.key().whole();
        boolean begun = change.state() == null
                || change.state().piece() == null
                || change.state().piece().number() == 0
                || large.isOpen(shard);
        boolean inView = begun
                && shard.equals(view.of(key, FirstSlot.of(change)))
                && !view.isImportedBy(shard, FirstSlot.of(change));
        see(key, change.stamp(), inView, next);
        return inView;
    }

    private boolean command(Delivery next, String shard) {
        Change change = next.change();
        Command command = change.command();
        if (isForView(change)) {
            return false;
        }
        CommandSpec spec = CommandTable.standard().spec(command.args());
        // It brings a key that moves here: nothing is known of when it left.
        boolean inView = !RESTORE_ASKING.equals(spec.name());
        ChangeKey[] keys = new ChangeKey[command.keys().length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new ChangeKey(change.key().db(), command.args()[command.keys()[i]]);
            int slot = i == 0 ? FirstSlot.of(change) : Slot.of(keys[i].key());
            inView = inView && shard.equals(view.of(keys[i], slot)) && !view.isImportedBy(shard, slot);
        }
        for (ChangeKey key : keys) {
            see(key, change.stamp(), inView, next);
            if (inView && DELETING.contains(spec.name())) {
                view.release(key);
            }
        }
        return inView;
    }

    private void see(ChangeKey key, Stamp stamp, boolean inView, Delivery next) {
        String shard = stamp.origin().shard();
        if (inView) {
            repairs.disturbed(key, shard, stamp.tsMs());
        } else if (repairs.isOn()) {
            boolean arriving = view.isImportedBy(shard, Slot.of(key.key()));
            repairs.oweOutOfView(key, shard, stamp.tsMs(), view.seenOfOthersMs(shard), arriving);
            metrics.outOfView();
        } else {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the record at " + next.place() + ", of shard " + shard
                            + ", is of a key that has moved between the shards of the source, or is about to: its state has to"
                            + " be asked of the source. Set " + RepairConfig.BOOTSTRAP_SERVERS
                            + " at both connectors and restart the task");
        }
    }

    /** A state that somebody asked for. If it is newer than all that was seen of other shards, the key is taken from there. */
    private boolean answer(Change change, String shard) {
        ChangeKey key = change.key().whole();
        boolean inView = shard.equals(view.of(key, FirstSlot.of(change)));
        if (repairs.answered(key, shard, change.stamp().tsMs(), inView, view.isArriving(FirstSlot.of(change)))) {
            if (change.op() == Op.DEL) {
                view.release(key);
            } else {
                view.take(key, shard);
            }
            return true;
        }
        return inView;
    }
}
