package io.rediscdc.source.replica;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Which commands of the stream travel, and as what. */
final class StreamScope {

    private static final byte[] SENTINEL_HELLO = "__sentinel__:hello".getBytes(StandardCharsets.US_ASCII);

    private StreamScope() {}

    /** What must not travel: keys of our own, and Sentinels talking about their masters. */
    static boolean isOurs(CommandSpec spec, byte[][] args, int[] keys) {
        if (spec.kind() == CommandKind.PUBLISH) {
            return args.length > 1 && Arrays.equals(args[1], SENTINEL_HELLO);
        }
        for (int key : keys) {
            if (!ChangeKey.isPrivate(args[key])) {
                return false;
            }
        }
        return keys.length > 0;
    }

    static Op op(CommandSpec spec) {
        return switch (spec.kind()) {
            case FLUSH -> Op.FLUSH;
            case SWAPDB -> Op.SWAPDB;
            case FUNCTION -> Op.FUNCTION;
            case SCRIPT -> Op.SCRIPT;
            case PUBLISH -> Op.PUBLISH;
            default -> Op.COMMAND;
        };
    }
}
