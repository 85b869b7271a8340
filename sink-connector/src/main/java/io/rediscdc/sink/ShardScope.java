package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.slot.Slot;
import java.util.function.Predicate;

/**
 * Of which keys of the target one shard can say that they are gone: all, if the source is no cluster; else those that are taken
 * from it. Keys of slots that it claims together with another are owed.
 */
final class ShardScope implements Sweep.Scope {

    private final String shard;
    private final View view;
    private final Repairs repairs;
    private final DatabaseMap databases;
    private final Predicate<byte[]> isOurs;

    /** @param isOurs whether a key can be the flow's, if it is in the target at all */
    ShardScope(String shard, View view, Repairs repairs, DatabaseMap databases, Predicate<byte[]> isOurs) {
        this.databases = databases;
        this.isOurs = isOurs;
        this.shard = shard;
        this.view = view;
        this.repairs = repairs;
    }

    @Override
    public boolean covers(ChangeKey vanished) {
        if (!databases.isTarget(vanished.db()) || !isOurs.test(vanished.key())) {
            return false;
        }
        if (!view.isOn()) {
            return true;
        }
        String owner = view.of(vanished);
        SlotClaim claim = view.claim(shard);
        if (owner == null && claim != null && claim.slots().contains(Slot.of(vanished.key()))) {
            repairs.oweUnclear(vanished, Math.max(claim.seenMs(), view.seenOfOthersMs(shard)));
        }
        return shard.equals(owner);
    }

    @Override
    public boolean coversLibraries() {
        return !view.isOn() || view.takesFunctionsOf(shard);
    }

    /** Whether the keys are one by one those of this shard, so that others can be beside them. */
    boolean isApart() {
        return view.isOn();
    }
}
