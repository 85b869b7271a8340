package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.model.Stamp;
import io.rediscdc.sink.target.Target;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.BitSet;
import java.util.List;

/**
 * The part of a cluster that one writer writes: slots of one node, with the checkpoint in one of them. Another part has
 * other slots, be it at the same node. Not thread-safe.
 */
final class SlotShare {

    private final CheckpointKey key;
    private final WriterId writer;
    private final Target node;
    private final RedisAddress address;
    private final SlotRanges slots;
    private final List<Ahead> ahead;

    /** What the node says of its slots: not only of these. */
    private NodeSlots said;

    SlotShare(
            CheckpointKey key,
            WriterId writer,
            Target node,
            RedisAddress address,
            SlotRanges slots,
            List<Ahead> ahead,
            NodeSlots said) {
        this.key = key;
        this.writer = writer;
        this.node = node;
        this.address = address;
        this.slots = slots;
        this.ahead = List.copyOf(ahead);
        this.said = said;
    }

    CheckpointKey key() {
        return key;
    }

    /** As whom it was claimed. */
    WriterId writer() {
        return writer;
    }

    Target node() {
        return node;
    }

    RedisAddress address() {
        return address;
    }

    SlotRanges slots() {
        return slots;
    }

    /** What the node is expected to say of its slots. */
    String slotsText() {
        return said.text();
    }

    boolean has(byte[] key) {
        return slots.contains(Slot.of(key));
    }

    /** Whether a record is to be applied to a slot: it is one of these, and has not had it before. */
    boolean takes(int slot, Stamp stamp) {
        return slots.contains(slot) && !isAhead(slot, stamp);
    }

    private boolean isAhead(int slot, Stamp stamp) {
        for (Ahead each : ahead) {
            if (each.slots().contains(slot)) {
                return each.has(stamp);
            }
        }
        return false;
    }

    /** The slots to which a record is to be applied, as ranges with both ends given. */
    String taking(Stamp stamp) {
        SlotRanges taking = slots;
        for (Ahead each : ahead) {
            if (each.has(stamp)) {
                taking = taking.minus(each.slots());
            }
        }
        StringBuilder ranges = new StringBuilder();
        BitSet set = new BitSet();
        taking.stream().forEach(set::set);
        for (int first = set.nextSetBit(0); first >= 0; ) {
            int end = set.nextClearBit(first);
            ranges.append(ranges.isEmpty() ? "" : ",").append(first).append('-').append(end - 1);
            first = set.nextSetBit(end);
        }
        return ranges.toString();
    }

    /** The node says something else. */
    void says(String slotsNow) {
        said = NodeSlots.parse(slotsNow);
    }

    /** @throws ReclaimException if these slots are no longer all the node's own, to stay */
    void check() {
        check(said);
    }

    /** @throws ReclaimException if these slots are not all among those that stay at the node */
    void check(NodeSlots now) {
        SlotRanges lost = slots.minus(now.stable());
        if (!lost.isEmpty()) {
            throw new ReclaimException(
                    key.partition() + ": " + address + " gives away " + lost.size() + " slots; looking who has which");
        }
    }
}
