package io.rediscdc.command;

import java.nio.charset.StandardCharsets;

/** A command's name as messages say it: of one that is not known it can be anything, and of any length. */
public final class CommandName {

    private static final int MOST = 64;

    private CommandName() {}

    /** The name, or the beginning of one that is too long for a message. */
    public static String of(byte[][] args) {
        return new String(args[0], 0, Math.min(args[0].length, MOST), StandardCharsets.US_ASCII);
    }
}
