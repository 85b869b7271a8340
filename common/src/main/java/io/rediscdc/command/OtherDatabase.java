package io.rediscdc.command;

/** The database that a command names beside its own: that of {@code MOVE key db} and of {@code COPY key key DB db}. */
public final class OtherDatabase {

    public static final int NONE = -1;

    private OtherDatabase() {}

    /** Whether the command, as its name says, is one that may name one. */
    public static boolean mayBeNamed(byte[][] args) {
        return isMove(args) || isCopy(args);
    }

    /** Index of its number among the arguments, {@link #NONE} if there is none. */
    public static int index(byte[][] args) {
        if (args.length < 3) {
            return NONE;
        }
        if (isMove(args)) {
            return 2;
        }
        if (isCopy(args)) {
            for (int i = 3; i + 1 < args.length; i++) {
                if (Ascii.equalsIgnoreCase(args[i], "db")) {
                    return i + 1;
                }
            }
        }
        return NONE;
    }

    /** Whether the key leaves its own database, rather than being copied. */
    public static boolean isMove(byte[][] args) {
        return Ascii.equalsIgnoreCase(args[0], "move");
    }

    private static boolean isCopy(byte[][] args) {
        return Ascii.equalsIgnoreCase(args[0], "copy");
    }
}
