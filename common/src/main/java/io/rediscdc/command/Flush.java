package io.rediscdc.command;

/** FLUSHALL and FLUSHDB. */
public final class Flush {

    private Flush() {}

    /** Whether the command, one of the two or another, takes what is in all databases. */
    public static boolean isOfAllDatabases(byte[][] args) {
        return Ascii.equalsIgnoreCase(args[0], "flushall");
    }
}
