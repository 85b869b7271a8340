package io.rediscdc.sink;

import io.rediscdc.command.DatabaseNumber;
import io.rediscdc.command.Flush;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.slot.Slot;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What makes a key owed, and what settles that: each such key is asked of the source until the history brings it anew. Without a
 * channel to the source nothing is owed.
 *
 * <p>Where several writers see the same history, each for a part of a cluster, all know what is owed, since what they make of a
 * later record depends on it. The one whose part has the key asks.
 *
 * <p>Not thread-safe.
 */
final class Repairs {

    private static final int MAX_ASKED_AT_ONCE = 1_000;

    private final CheckpointKey key;
    private final RepairChannel channel;

    /** Whether a key is written by this writer. */
    private final Predicate<byte[]> isOurs;

    private final OwedKeys owed;

    /** Whether the source is a cluster; and when the last record that was seen before this task was received there. */
    private boolean ofCluster;

    private long seenBeforeMs = Long.MIN_VALUE;

    /**
     * @param channel null where there is none
     * @param isOurs of which keys this one asks, and no other writer
     */
    Repairs(CheckpointKey key, RepairChannel channel, WriterMetrics metrics, Predicate<byte[]> isOurs) {
        this.key = key;
        this.channel = channel;
        this.isOurs = isOurs;
        this.owed = new OwedKeys(key, metrics);
    }

    boolean isOn() {
        return channel != null;
    }

    /** Begins with what the target says is owed. */
    void load(Checkpoint checkpoint, TargetConnection target) {
        ofCluster = checkpoint.partitions() > 0;
        seenBeforeMs = checkpoint.shards().values().stream()
                .filter(shard -> shard.slots() != null)
                .mapToLong(shard -> shard.slots().seenMs())
                .max()
                .orElse(Long.MIN_VALUE);
        owed.clear();
        if (isOn()) {
            owed.fill(target, this::known);
        }
    }

    /** Of several shards, it is not known which were at odds. */
    private Debt known() {
        return ofCluster ? Debt.since(seenBeforeMs) : Debt.ofDifference();
    }

    /** A key was found to differ. */
    void owe(ChangeKey found) {
        if (isOn()) {
            owed.add(found, Debt::ofDifference);
            owed.announce(found);
        }
    }

    /** A record of a key is applied. */
    void disturbed(ChangeKey key, String shard, long tsMs) {
        Debt debt = owed.of(key);
        if (debt != null) {
            debt.see(shard, tsMs);
        }
    }

    /**
     * A record of a key is not applied, since the key is not taken from its shard.
     *
     * @param tsMs when the source received it
     * @param seenOfOthersMs when it received the last one of the other shards that was seen
     * @param arriving whether the key is on its way to the shard, with its slot
     */
    void oweOutOfView(ChangeKey key, String shard, long tsMs, long seenOfOthersMs, boolean arriving) {
        ofCluster = true;
        Debt debt = owed.add(key, Debt::ofDifference);
        if (debt == null) {
            seenBeforeMs = Math.max(seenBeforeMs, tsMs);
            owed.announce(key);
        } else {
            if (!debt.isOutOfView()) {
                owed.announce(key);
            }
            debt.outOfView(shard, tsMs, seenOfOthersMs);
            if (arriving) {
                debt.arriving();
            }
        }
    }

    /** Slots are not on their way to a shard any more: now it can be asked who has their keys. */
    void arrived(BitSet slots, String shard, long tsMs) {
        seenBeforeMs = Math.max(seenBeforeMs, tsMs);
        owed.held().forEach((key, debt) -> {
            if (slots.get(Slot.of(key.key()))) {
                debt.arrived(shard, tsMs);
            }
        });
    }

    /** It is not known which shard's history a key follows; no record of it is newer than that. */
    void oweUnclear(ChangeKey key, long seenMs) {
        ofCluster = true;
        owed.add(key, () -> Debt.since(seenMs));
        owed.announce(key);
    }

    /**
     * The state of a key comes from the source.
     *
     * @param inView whether it is applied in any case
     * @param arriving whether the key's slot is on its way from shard to shard: then it may have left before it is known
     * @return whether the key was owed and is not any more
     */
    boolean answered(ChangeKey key, String shard, long tsMs, boolean inView, boolean arriving) {
        Debt debt = owed.of(key);
        if (debt == null
                || (arriving && debt.isOutOfView())
                || (!inView && !debt.isOutOfView())
                || !debt.isSettledBy(shard, tsMs)) {
            return false;
        }
        owed.remove(key);
        return true;
    }

    /** Sees what is applied next: it may write what is owed anew. */
    void see(Change change) {
        if (ofCluster) {
            if (change.stamp().asOf() == null && !owed.isEmpty()) {
                seeWhileOwing(change);
            }
        } else if (change.op() == Op.SNAPSHOT_BEGIN) {
            owed.removeAll();
        } else if (change.stamp().asOf() != null) {
            owed.remove(change.key());
        } else if (!owed.isEmpty()) {
            seeWhileOwing(change);
        }
    }

    private void seeWhileOwing(Change change) {
        Command command = change.command();
        switch (change.op()) {
            case SET -> {
                if (change.state().isComplete()) {
                    rewritten(change.key().whole());
                }
            }
            case DEL -> rewritten(change.key());
            case FLUSH -> flushed(change.key().db(), Flush.isOfAllDatabases(command.args()));
            case SWAPDB -> swapped(command);
            case COMMAND -> {
                if (Suspects.writesAnew(command)) {
                    for (int index : command.keys()) {
                        rewritten(new ChangeKey(change.key().db(), command.args()[index]));
                    }
                }
            }
            default -> {}
        }
    }

    private void flushed(int db, boolean all) {
        if (all) {
            owed.removeAll();
            return;
        }
        List.copyOf(owed.held().keySet()).stream()
                .filter(each -> each.db() == db)
                .forEach(owed::remove);
        owed.noteAgain(); // the set stood in database 0
    }

    /** What is owed goes with its database; the set does not. */
    private void swapped(Command command) {
        int first = DatabaseNumber.at(command.args(), 1);
        int second = DatabaseNumber.at(command.args(), 2);
        List<ChangeKey> before = List.copyOf(owed.held().keySet());
        owed.removeAll();
        for (ChangeKey each : before) {
            int db = each.db() == first ? second : each.db() == second ? first : each.db();
            owed.add(new ChangeKey(db, each.key()), Debt::ofDifference);
        }
        owed.noteAgain();
    }

    private void rewritten(ChangeKey anew) {
        Debt debt = owed.of(anew);
        if (debt == null ? !ofCluster : !debt.isOutOfView()) {
            owed.remove(anew);
        }
    }

    /** Whether the set at the target is to be told something. */
    boolean hasNews() {
        return owed.hasNews();
    }

    /** The set at the target may not have been told. */
    void noteAgain() {
        owed.noteAgain();
    }

    /** Adds to a batch what the set is to be told. */
    void note(Batch batch) {
        owed.note(batch);
    }

    /**
     * Asks for some of what is owed and was not asked for lately. Only once caught up: an answer comes at the history's end.
     *
     * @param nowMs ms since 1970
     */
    void ask(TargetConnection target, long nowMs) {
        if (owed.isEmpty() && owed.areSome()) {
            owed.fill(target, this::known);
        }
        int asked = 0;
        for (Map.Entry<ChangeKey, Debt> each : owed.held().entrySet()) {
            if (asked == MAX_ASKED_AT_ONCE) {
                return;
            }
            if (isToBeAsked(each.getKey(), each.getValue(), nowMs)) {
                if (!channel.ask(key.partition().topic(), each.getKey())) {
                    return;
                }
                each.getValue().asked(nowMs);
                asked++;
            }
        }
    }

    private boolean isToBeAsked(ChangeKey wanted, Debt debt, long nowMs) {
        return debt.isDue(nowMs) && (isOurs.test(wanted.key()) || debt.isNeglected(nowMs));
    }

    /** Whether something is owed. */
    boolean areOwed() {
        return owed.areSome();
    }
}
