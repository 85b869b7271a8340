package io.rediscdc.command.piece;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;

/** The commands that pieces consist of: which there are, where their key is, what they count for. */
final class PieceLayout {

    private PieceLayout() {}

    /** Index of the key among the arguments. */
    static int keyIndex(String name) {
        return name.equals("XGROUP") ? 2 : 1;
    }

    static long elements(byte[] name, int args) {
        return elements(new String(name, StandardCharsets.US_ASCII), args);
    }

    /**
     * How many elements a command stands for: those of lists, sets, sorted sets and hashes each for one, every other command
     * for one.
     *
     * @throws RedisCdcException UNSUPPORTED for a command that no piece has
     */
    static long elements(String name, int args) {
        return switch (name) {
            case "RPUSH", "SADD" -> args - 2;
            case "ZADD", "HSET", "HMSET" -> (args - 2) / 2;
            case "SET", "APPEND", "HPEXPIREAT", "XADD", "XGROUP", "XCLAIM", "XSETID" -> 1;
            default ->
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "a piece of a large value has a command that this version does not know there; upgrade the sink"
                                + " connector");
        };
    }
}
