package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Position;
import io.rediscdc.sink.expiry.TtlState;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * From where slots go on that will have one checkpoint, given the checkpoints that cover them: from the least of these.
 * What the others have applied beyond it is {@link Ahead}.
 *
 * @param checkpoint where the common one begins
 * @param owed keys of which the source is to be asked: as it was there, and what any of the others owes of these slots
 * @param moved keys that are taken from another shard than their slot's, each followed by the shard: as it was there, since
 *     all that follows is looked at anew, also for slots that are ahead
 */
record ClusterPlan(Checkpoint checkpoint, List<Ahead> ahead, Collection<ChangeKey> owed, List<byte[]> moved) {

    /** The home that counts for each slot; null for slots of which there is none. */
    static ClusterHome[] newest(List<ClusterHome> homes) {
        ClusterHome[] newest = new ClusterHome[Slot.COUNT];
        for (ClusterHome home : homes) {
            home.covered().stream().forEach(slot -> {
                if (newest[slot] == null || newest[slot].isBefore(home)) {
                    newest[slot] = home;
                }
            });
        }
        return newest;
    }

    /**
     * @param slots at least one; all have a home
     * @param owed what any of all homes owes
     */
    static ClusterPlan of(SlotRanges slots, ClusterHome[] homes, Collection<ChangeKey> owed) {
        Map<ClusterHome, BitSet> sources = new LinkedHashMap<>();
        slots.stream().forEach(slot -> sources.computeIfAbsent(homes[slot], home -> new BitSet())
                .set(slot));
        ClusterHome least = null;
        TtlState ttl = null;
        boolean owned = true;
        for (ClusterHome home : sources.keySet()) {
            Checkpoint each = home.checkpoint();
            if (least == null
                    || Ahead.isNotAfter(each.positions(), least.checkpoint().positions())) {
                least = home;
            }
            owned &= each.owned();
            ttl = ttl == null || ttl == each.ttl() ? each.ttl() : TtlState.MIXED;
        }
        Map<String, Position> start = least.checkpoint().positions();
        List<Ahead> ahead = new ArrayList<>();
        sources.forEach((home, set) -> {
            for (Ahead reached : home.reached(SlotRanges.of(set))) {
                if (!Ahead.isNotAfter(reached.positions(), start)) {
                    merge(ahead, reached);
                }
            }
        });
        ClusterHome base = least;
        Checkpoint checkpoint = least.checkpoint()
                .ownedBy(owned)
                .with(ttl)
                .keeping(value -> slots.contains(value.slot()) && homes[value.slot()].equals(base));
        Set<ChangeKey> asked = new LinkedHashSet<>(least.owed());
        owed.stream().filter(each -> slots.contains(Slot.of(each.key()))).forEach(asked::add);
        return new ClusterPlan(checkpoint, List.copyOf(ahead), asked, least.moved());
    }

    private static void merge(List<Ahead> all, Ahead more) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).positions().equals(more.positions())) {
                all.set(i, new Ahead(all.get(i).slots().plus(more.slots()), more.positions()));
                return;
            }
        }
        all.add(more);
    }
}
