package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Stamp;
import io.rediscdc.slot.Slot;

/**
 * Of which keys of the target one shard can say that they are gone: all, if the source is no cluster; else those that are taken
 * from it. Keys of slots that it claims together with another are owed.
 *
 * <p>It says so at a point of its history. A part of the target may be past that already, if its slots came from a writer that
 * was ahead: what is missing at that point may have been written since.
 */
final class ShardScope {

    /** Which keys are written here. */
    interface Part {

        /** Whether what a record says of a key is applied here, and has not been yet. */
        boolean takes(byte[] key, Stamp record);
    }

    private final String shard;
    private final View view;
    private final Repairs repairs;
    private final DatabaseMap databases;
    private final Part part;

    /** @param part of the target's keys, those that can be the flow's */
    ShardScope(String shard, View view, Repairs repairs, DatabaseMap databases, Part part) {
        this.databases = databases;
        this.part = part;
        this.shard = shard;
        this.view = view;
        this.repairs = repairs;
    }

    /** Its keys, as a record of the shard says that they are gone. */
    Sweep.Scope at(Stamp record) {
        return new Sweep.Scope() {
            @Override
            public boolean covers(ChangeKey vanished) {
                return isGone(vanished, record);
            }

            @Override
            public boolean coversLibraries() {
                return !view.isOn() || view.takesFunctionsOf(shard);
            }
        };
    }

    private boolean isGone(ChangeKey vanished, Stamp record) {
        if (!databases.isTarget(vanished.db()) || !part.takes(vanished.key(), record)) {
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

    /** Whether the keys are one by one those of this shard, so that others can be beside them. */
    boolean isApart() {
        return view.isOn();
    }
}
