package io.rediscdc.sink;

import io.rediscdc.command.SlotImport;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The slots that one shard claims, on their way through its history. A slot that the shard says it does not own any more is
 * claimed on until its history has been without a change of it for a while: what was said may be ahead of the history, so that
 * changes from before are still to come. Not thread-safe.
 */
final class ClaimedSlots {

    /** For how long nothing of a slot that was given up may come, ms: much longer than a source takes to see that it is back. */
    static final long QUIET_MS = 10_000;

    /** An atomic migration of which nothing has come for that long is over, although its end was not seen. */
    private static final long IMPORT_SILENCE_MS = 600_000;

    private final BitSet slots = new BitSet(Slot.COUNT);
    private final BitSet givenUp = new BitSet(Slot.COUNT);

    /** Of which there was a change since {@link #sinceMs}. */
    private final BitSet written = new BitSet(Slot.COUNT);

    private long epoch;
    private long sinceMs;
    private long seenMs;

    /** Slots on their way here, by the name of the migration; those of all; and when something came of them last. */
    private final Map<String, SlotRanges> imports = new HashMap<>();

    private final BitSet importing = new BitSet(Slot.COUNT);
    private long importMs;

    /** Those of migrations that have ended, of which nobody was told yet; null for none. */
    private BitSet arrived;

    private boolean importsChanged;

    /** Of a shard that has said nothing. */
    ClaimedSlots() {}

    /** Goes on from where a checkpoint stands. */
    ClaimedSlots(SlotClaim from) {
        epoch = from.epoch();
        from.slots().stream().forEach(slots::set);
        from.givenUp().stream().forEach(givenUp::set);
        // What was written between the two is not known.
        written.or(givenUp);
        sinceMs = from.sinceMs();
        seenMs = from.seenMs();
        imports.putAll(from.imports());
        importMs = seenMs;
        sumImports();
    }

    /**
     * The shard says what it owns.
     *
     * @return whether what it claims is something else now
     */
    boolean owns(SlotRanges owned, Long newEpoch, long tsMs) {
        epoch = newEpoch == null ? epoch : newEpoch;
        BitSet before = (BitSet) slots.clone();
        BitSet lost = (BitSet) slots.clone();
        owned.stream().forEach(lost::clear);
        BitSet newlyLost = (BitSet) lost.clone();
        newlyLost.andNot(givenUp);
        if (!newlyLost.isEmpty()) {
            written.clear();
            sinceMs = tsMs;
        }
        givenUp.clear();
        givenUp.or(lost);
        owned.stream().forEach(slots::set);
        return !slots.equals(before);
    }

    /** A change of that slot comes from the shard; -1 for one of none. */
    void see(int slot, long tsMs) {
        if (slot >= 0) {
            written.set(slot);
            if (importing.get(slot)) {
                importMs = tsMs;
            }
        }
        seenMs = Math.max(seenMs, tsMs);
    }

    /**
     * Time has passed in the shard's history.
     *
     * @return whether there are slots that it claims no longer
     */
    boolean pass(long tsMs) {
        if (!imports.isEmpty() && tsMs - importMs > IMPORT_SILENCE_MS) {
            endImports();
        }
        if (givenUp.isEmpty() || tsMs - sinceMs < QUIET_MS) {
            return false;
        }
        BitSet over = (BitSet) givenUp.clone();
        over.andNot(written);
        slots.andNot(over);
        givenUp.andNot(over);
        written.clear();
        sinceMs = tsMs;
        return !over.isEmpty();
    }

    /**
     * Another shard, of a greater epoch, claims slots.
     *
     * @return whether this one gives them up, since it has been silent for so long that all of it is older
     */
    boolean yieldTo(ClaimedSlots to, long silenceMs) {
        if (epoch >= to.epoch || to.seenMs - seenMs < silenceMs || !slots.intersects(to.slots)) {
            return false;
        }
        slots.andNot(to.slots);
        givenUp.and(slots);
        return true;
    }

    BitSet slots() {
        return slots;
    }

    long epoch() {
        return epoch;
    }

    /** When the source received the last record of the shard, ms since 1970. */
    long seenMs() {
        return seenMs;
    }

    /** The shard's history says that a migration begins or ends. */
    void see(SlotImport mark, long tsMs) {
        importMs = tsMs;
        if (mark.ended()) {
            SlotRanges over = imports.remove(mark.name());
            arrive(over == null ? SlotRanges.NONE : over);
        } else {
            imports.put(mark.name(), mark.slots());
        }
        sumImports();
    }

    /** Nothing more comes of the migrations that have begun. */
    void endImports() {
        arrive(SlotRanges.of(importing));
        imports.clear();
        sumImports();
    }

    private void arrive(SlotRanges over) {
        if (!over.isEmpty()) {
            arrived = arrived == null ? new BitSet(Slot.COUNT) : arrived;
            over.stream().forEach(arrived::set);
        }
    }

    private void sumImports() {
        importsChanged = true;
        importing.clear();
        imports.values().forEach(each -> each.stream().forEach(importing::set));
    }

    /** Slots that are on their way to the shard: what its history has of them, nobody sees there yet. */
    BitSet importing() {
        return importing;
    }

    /** Whether {@link #importing} is something else than when this was asked last. */
    boolean takeImportsChanged() {
        boolean changed = importsChanged;
        importsChanged = false;
        return changed;
    }

    /** Slots that are not on their way any more, whether they have arrived or not; null for none since this was asked last. */
    BitSet takeArrived() {
        BitSet taken = arrived;
        arrived = null;
        return taken;
    }

    /** What the checkpoint says of it. */
    SlotClaim claim() {
        return new SlotClaim(epoch, SlotRanges.of(slots), SlotRanges.of(givenUp), sinceMs, seenMs, imports);
    }
}
