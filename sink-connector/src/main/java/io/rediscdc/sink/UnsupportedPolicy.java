package io.rediscdc.sink;

import java.util.Locale;

/** What becomes of what the target cannot hold or does not know, as the option {@code unsupported.policy} says. */
enum UnsupportedPolicy {
    /** The task stops before its batch is applied. */
    FAIL,
    /** It is left out and counted. */
    DROP,
    /** The same, and the record goes to the dead letter queue. */
    DLQ,
    /** Of commands: the state of their keys is asked of the source. Of states: as {@link #FAIL}. */
    REREAD;

    /** As the option has it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static UnsupportedPolicy parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
