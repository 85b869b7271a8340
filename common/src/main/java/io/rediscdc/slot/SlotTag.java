package io.rediscdc.slot;

import java.nio.charset.StandardCharsets;

/**
 * For each slot a hash tag that is in it, so that a key can be put beside any other in a cluster. (The other's own tag
 * will not do: it may have a brace in it, as in {@code a}b}, or be longer than is useful.)
 */
public final class SlotTag {

    private static final class Table {
        static final String[] TAGS = new String[Slot.COUNT];

        static {
            int missing = TAGS.length;
            for (int number = 0; missing > 0; number++) {
                String tag = Integer.toString(number, Character.MAX_RADIX);
                int slot = Slot.of(tag.getBytes(StandardCharsets.US_ASCII));
                if (TAGS[slot] == null) {
                    TAGS[slot] = tag;
                    missing--;
                }
            }
        }
    }

    private SlotTag() {}

    /** The shortest number, in letters and digits, whose slot it is: always the same. */
    public static String of(int slot) {
        return Table.TAGS[slot];
    }
}
