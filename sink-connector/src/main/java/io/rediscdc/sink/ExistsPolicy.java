package io.rediscdc.sink;

import java.util.Locale;

/**
 * What becomes of keys that are at the target before the flow's first snapshot has brought them, as the option {@code exists.policy} says.
 */
enum ExistsPolicy {
    /** The snapshot's state takes their place. */
    REPLACE,
    /** They stay as they are. */
    SKIP,
    /** The task stops before its batch is applied. */
    FAIL;

    /** As the option has it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ExistsPolicy parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
