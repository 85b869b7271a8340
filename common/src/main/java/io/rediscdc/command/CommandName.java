package io.rediscdc.command;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A command's name as messages say it: of one that is not known it can be anything, and of any length. */
public final class CommandName {

    private static final int MOST = 64;
    private static final Pattern NOT_OF_A_NAME = Pattern.compile("[^A-Za-z0-9._|-]");

    private CommandName() {}

    /** The name, or the beginning of one that is too long for a message; what no name has in it is a question mark. */
    public static String of(byte[][] args) {
        String name = new String(args[0], 0, Math.min(args[0].length, MOST), StandardCharsets.US_ASCII);
        return NOT_OF_A_NAME.matcher(name).replaceAll("?");
    }
}
