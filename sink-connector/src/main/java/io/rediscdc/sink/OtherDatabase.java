package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;

/** The database that a command names beside its own: that of {@code MOVE key db} and of {@code COPY key key DB db}. */
final class OtherDatabase {

    static final int NONE = -1;

    private OtherDatabase() {}

    /** Index of its number among the arguments, {@link #NONE} if there is none. */
    static int index(byte[][] args) {
        if (args.length < 3 || args[0].length != 4) {
            return NONE;
        }
        if (isMove(args)) {
            return 2;
        }
        if (is("COPY", args[0])) {
            for (int i = 3; i + 1 < args.length; i++) {
                if (is("DB", args[i])) {
                    return i + 1;
                }
            }
        }
        return NONE;
    }

    /** Whether the key leaves its own database, rather than being copied. */
    static boolean isMove(byte[][] args) {
        return is("MOVE", args[0]);
    }

    /** @throws RedisCdcException PROTOCOL if it is no number */
    static int number(byte[][] args, int index) {
        try {
            return Integer.parseInt(new String(args[index], StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            throw new RedisCdcException(Category.PROTOCOL, "a MOVE or COPY whose database is no number", e);
        }
    }

    private static boolean is(String name, byte[] arg) {
        return arg.length == name.length()
                && (arg[0] & ~0x20) == name.charAt(0)
                && new String(arg, StandardCharsets.US_ASCII).equalsIgnoreCase(name);
    }
}
