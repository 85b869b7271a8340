package io.rediscdc.sink.state;

import java.util.Locale;

/**
 * What becomes of the elements that a key has at the target when its state is written, as the option {@code merge.policy} says.
 */
public enum MergePolicy {
    /** The key is what it was at the source. */
    REPLACE,
    /** Hashes, sets and sorted sets keep theirs, unless the state has the same; other types are replaced. */
    MERGE;

    /** Whether a state of that type is added to what is there. */
    public boolean addsTo(String type) {
        return this == MERGE && (type.equals("hash") || type.equals("set") || type.equals("zset"));
    }

    /** As the option has it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static MergePolicy parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
