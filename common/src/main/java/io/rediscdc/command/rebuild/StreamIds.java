package io.rediscdc.command.rebuild;

import java.util.Locale;

/** What becomes of the ids of a stream's entries, as the option {@code stream.ids} says. */
public enum StreamIds {
    /** They are the source's. */
    KEEP,
    /** They are the target's own, in the same order. What is known by id, groups above all, is not written. */
    DROP;

    /** As the option has it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static StreamIds parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
