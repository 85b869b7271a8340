package io.rediscdc.slot;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * A set of slots. Its text is what CLUSTER NODES and the records say: ranges, comma-separated, as {@code 0-5460,6000};
 * empty for none. Immutable.
 */
public final class SlotRanges {

    public static final SlotRanges NONE = new SlotRanges(new BitSet());
    public static final SlotRanges ALL = ofRange(0, Slot.COUNT - 1);

    private final BitSet slots;

    private SlotRanges(BitSet slots) {
        this.slots = slots;
    }

    /** The bits that are set; a copy. */
    public static SlotRanges of(BitSet slots) {
        return new SlotRanges((BitSet) slots.clone());
    }

    /** Both ends included. */
    public static SlotRanges ofRange(int first, int last) {
        BitSet slots = new BitSet(Slot.COUNT);
        slots.set(first, last + 1);
        return new SlotRanges(slots);
    }

    /** The slots of a partition of so many: see {@link Slot#partition}. */
    public static SlotRanges ofPartition(int partition, int partitions) {
        BitSet slots = new BitSet(Slot.COUNT);
        for (int slot = 0; slot < Slot.COUNT; slot++) {
            slots.set(slot, Slot.partition(slot, partitions) == partition);
        }
        return new SlotRanges(slots);
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws RedisCdcException PROTOCOL if it is none of it
     */
    public static SlotRanges parse(String text) {
        BitSet slots = new BitSet(Slot.COUNT);
        if (text.isEmpty()) {
            return NONE;
        }
        for (String range : text.split(",", -1)) {
            int dash = range.indexOf('-');
            try {
                int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
                int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
                if (first < 0 || last < first || last >= Slot.COUNT) {
                    throw bad(range, null);
                }
                slots.set(first, last + 1);
            } catch (NumberFormatException e) {
                throw bad(range, e);
            }
        }
        return new SlotRanges(slots);
    }

    private static RedisCdcException bad(String range, Exception cause) {
        return new RedisCdcException(
                Category.PROTOCOL, "'" + range + "' is no slot or range of slots, as 0-5460", cause);
    }

    public boolean contains(int slot) {
        return slots.get(slot);
    }

    public boolean isEmpty() {
        return slots.isEmpty();
    }

    /** How many. */
    public int size() {
        return slots.cardinality();
    }

    /** In their order. */
    public IntStream stream() {
        return slots.stream();
    }

    /** What either has. */
    public SlotRanges plus(SlotRanges others) {
        BitSet sum = (BitSet) slots.clone();
        sum.or(others.slots);
        return new SlotRanges(sum);
    }

    /** What this has and the others have not. */
    public SlotRanges minus(SlotRanges others) {
        BitSet rest = (BitSet) slots.clone();
        rest.andNot(others.slots);
        return new SlotRanges(rest);
    }

    /** What both have. */
    public SlotRanges and(SlotRanges others) {
        BitSet both = (BitSet) slots.clone();
        both.and(others.slots);
        return new SlotRanges(both);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SlotRanges ranges && slots.equals(ranges.slots);
    }

    @Override
    public int hashCode() {
        return slots.hashCode();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int first = slots.nextSetBit(0); first >= 0; ) {
            int end = slots.nextClearBit(first);
            text.append(text.length() == 0 ? "" : ",").append(first);
            if (end - first > 1) {
                text.append('-').append(end - 1);
            }
            first = slots.nextSetBit(end);
        }
        return text.toString();
    }
}
