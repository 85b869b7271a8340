package io.rediscdc.command;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;

/** A database's number among the arguments of a command, of SWAPDB or of one with an {@link OtherDatabase}. */
public final class DatabaseNumber {

    private DatabaseNumber() {}

    /**
     * The number.
     *
     * @throws RedisCdcException PROTOCOL if there is none
     */
    public static int at(byte[][] args, int index) {
        try {
            return Integer.parseInt(new String(args[index], StandardCharsets.US_ASCII));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "a command '" + CommandName.of(args) + "' without the number of a database as its argument "
                            + index,
                    e);
        }
    }
}
