package io.rediscdc.sink.sweep;

import java.util.function.LongConsumer;

/** Fingerprints in memory: open addressing, 8 bytes a slot, at most three of four slots taken. Not thread-safe. */
final class FingerprintSet {

    private static final int INITIAL_SLOTS = 1024;

    /** Zero marks a free slot; a fingerprint of zero is kept as this one. */
    private static final long INSTEAD_OF_ZERO = 1;

    private final int maxSlots;
    private long[] slots;
    private int size;

    /** @param memoryBytes bound of what it takes, while it grows too */
    FingerprintSet(long memoryBytes) {
        // While a table grows, half of it exists twice.
        long affordable = Math.min(memoryBytes / Long.BYTES * 2 / 3, 1 << 30);
        maxSlots = Math.max(INITIAL_SLOTS, Integer.highestOneBit((int) affordable));
        slots = new long[INITIAL_SLOTS];
    }

    /** How many can be added. */
    int capacity() {
        return maxSlots / 4 * 3;
    }

    int size() {
        return size;
    }

    /**
     * Returns false if it is there already.
     *
     * @throws IllegalStateException beyond the capacity
     */
    boolean add(long fingerprint) {
        long wanted = fingerprint == 0 ? INSTEAD_OF_ZERO : fingerprint;
        int at = find(slots, wanted);
        if (slots[at] == wanted) {
            return false;
        }
        if (size >= slots.length / 4 * 3) {
            grow();
            at = find(slots, wanted);
        }
        slots[at] = wanted;
        size++;
        return true;
    }

    boolean contains(long fingerprint) {
        return slots[find(slots, fingerprint == 0 ? INSTEAD_OF_ZERO : fingerprint)] != 0;
    }

    void forEach(LongConsumer action) {
        for (long slot : slots) {
            if (slot != 0) {
                action.accept(slot);
            }
        }
    }

    private void grow() {
        if (slots.length >= maxSlots) {
            throw new IllegalStateException("more than " + capacity() + " fingerprints");
        }
        long[] larger = new long[2 * slots.length];
        forEach(slot -> larger[find(larger, slot)] = slot);
        slots = larger;
    }

    private static int find(long[] table, long wanted) {
        int mask = table.length - 1;
        int at = (int) wanted & mask;
        while (table[at] != 0 && table[at] != wanted) {
            at = (at + 1) & mask;
        }
        return at;
    }
}
