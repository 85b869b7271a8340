package io.rediscdc.sink.state;

import java.util.Locale;

/** How the state of a key is written, as the option {@code write.mode} says. */
public enum WriteMode {
    /** By RESTORE where the target takes the payload, else by the commands of its type. */
    AUTO,
    /** By RESTORE only. */
    DUMP,
    /** By the commands of its type; only values of modules by RESTORE. */
    TYPED;

    /** As the option has it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static WriteMode parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
