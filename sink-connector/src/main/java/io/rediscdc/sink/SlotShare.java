package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.model.Stamp;
import io.rediscdc.sink.target.Target;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The part of a cluster that one writer writes: slots of one node, with the checkpoint in one of them. Another part has
 * other slots, be it at the same node. When slots are moved away, it yields them. Not thread-safe.
 */
final class SlotShare {

    private final CheckpointKey key;
    private final WriterId writer;
    private final Target node;
    private final RedisAddress address;
    private final int home;
    private final List<Ahead> ahead;
    private SlotRanges slots;
    private SlotRanges yielded = SlotRanges.NONE;
    private long yieldedOffset = Long.MAX_VALUE;

    /** What the node says of its slots: not only of these. */
    private NodeSlots said;

    /** @param home the slot in which the checkpoint stands */
    SlotShare(
            CheckpointKey key,
            int home,
            WriterId writer,
            Target node,
            RedisAddress address,
            SlotRanges slots,
            List<Ahead> ahead,
            NodeSlots said) {
        this.key = key;
        this.home = home;
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

    /** Those that it is to write. */
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

    /** The node says something else of its slots than before. */
    void says(String slotsNow) {
        said = NodeSlots.parse(slotsNow);
    }

    /** Slots to which nothing more can be applied: the node has given them away, or is doing so. */
    SlotRanges lost() {
        return slots.minus(said.stable());
    }

    /** Whether the checkpoint itself stays where it is. */
    boolean keepsHome() {
        return said.stable().contains(home);
    }

    /** A slot in which another checkpoint may stand. */
    int randomSlot() {
        int[] stable = said.stable().stream().toArray();
        return stable[ThreadLocalRandom.current().nextInt(stable.length)];
    }

    /**
     * Some of the slots have a checkpoint of their own now, and wait for somebody to claim them.
     *
     * @param offset Kafka offset where it stands
     */
    void giveUp(SlotRanges some, long offset) {
        slots = slots.minus(some);
        yielded = yielded.plus(some);
        yieldedOffset = Math.min(yieldedOffset, offset);
    }

    SlotRanges yielded() {
        return yielded;
    }

    /** Least Kafka offset that those need; greater than any if there are none. */
    long yieldedOffset() {
        return yieldedOffset;
    }
}
