package io.rediscdc.command;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;

/** What is known of a command. */
public final class CommandSpec {

    /** How a reader of a history treats a command. */
    public enum Kind {
        /** Changes the keys that it names. */
        WRITE,
        SELECT,
        MULTI,
        EXEC,
        PING,
        REPLCONF,
        /** FLUSHALL, FLUSHDB. */
        FLUSH,
        SWAPDB,
        FUNCTION,
        SCRIPT,
        /** PUBLISH, SPUBLISH. */
        PUBLISH,
        /** Stands in a stream and is no change of a key. */
        OTHER,
        /** Not in the table: nobody knows its keys. */
        UNKNOWN
    }

    private final String name;
    private final Kind kind;
    private final KeyFinder finder;

    CommandSpec(String name, Kind kind, KeyFinder finder) {
        this.name = name;
        this.kind = kind;
        this.finder = finder;
    }

    /** Its name in capitals; "(unknown)" if it is. */
    public String name() {
        return name;
    }

    public Kind kind() {
        return kind;
    }

    /**
     * Indexes of the keys among the args; shared, not to be changed.
     *
     * @throws RedisCdcException PROTOCOL if there are too few args for this command
     */
    public int[] keys(byte[][] args) {
        try {
            return finder.keys(args);
        } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
            throw new RedisCdcException(
                    Category.PROTOCOL, "a " + name + " with " + args.length + " arguments does not name its keys", e);
        }
    }

    @Override
    public String toString() {
        return name + " (" + kind + ")";
    }
}
