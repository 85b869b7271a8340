package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.slot.Slot;

/**
 * Of which keys of the target one shard can say that they are gone: all, if the source is no cluster; else those that are taken
 * from it. Keys of slots that it claims together with another are owed.
 */
final class ShardScope implements Sweep.Scope {

    private final String shard;
    private final View view;
    private final Repairs repairs;

    ShardScope(String shard, View view, Repairs repairs) {
        this.shard = shard;
        this.view = view;
        this.repairs = repairs;
    }

    @Override
    public boolean covers(ChangeKey vanished) {
        if (!view.isOn()) {
            return true;
        }
        if (!view.isHere(vanished.key())) {
            return false;
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
