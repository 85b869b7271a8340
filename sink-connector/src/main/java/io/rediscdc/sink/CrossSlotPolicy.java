package io.rediscdc.sink;

import java.util.Locale;

/** What becomes of commands that a cluster does not execute, since their keys are of several slots. */
enum CrossSlotPolicy {
    /** The states of their keys are asked of the source. */
    REREAD,
    /** The task stops. */
    FAIL;

    /** As the option has it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static CrossSlotPolicy parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
