package io.rediscdc.sink;

import io.rediscdc.slot.SlotRanges;
import java.util.BitSet;

/**
 * What a node of a cluster says of its own slots.
 *
 * @param text its words, as {@code 0-5460 [93->-<id>]}
 * @param owned slots that it serves
 * @param leaving those of them that are being moved to another node
 */
record NodeSlots(String text, SlotRanges owned, SlotRanges leaving) {

    static NodeSlots parse(String text) {
        StringBuilder owned = new StringBuilder();
        BitSet leaving = new BitSet();
        for (String word : text.trim().split(" ", -1)) {
            if (!word.startsWith("[")) {
                owned.append(owned.isEmpty() || word.isEmpty() ? "" : ",").append(word);
            } else if (word.contains("->-")) {
                leaving.set(Integer.parseInt(word.substring(1, word.indexOf("->-"))));
            }
        }
        return new NodeSlots(text, SlotRanges.parse(owned.toString()), SlotRanges.of(leaving));
    }

    /** Those that stay. */
    SlotRanges stable() {
        return owned.minus(leaving);
    }
}
