package io.rediscdc.command;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;

/** What is known of a command. Immutable. */
public final class CommandSpec {

    private static final int[] NONE = {};

    private final String name;
    private final CommandKind kind;
    private final KeyFinder finder;
    private final byte[] nameBytes;

    CommandSpec(String name, CommandKind kind, KeyFinder finder) {
        this.name = name;
        this.kind = kind;
        this.finder = finder;
        this.nameBytes = name.getBytes(StandardCharsets.US_ASCII);
    }

    /** In lower case; {@code "unknown"} for a command that is not in the table. */
    public String name() {
        return name;
    }

    public CommandKind kind() {
        return kind;
    }

    /**
     * Indexes of the keys among the arguments, ascending, in the order the command names them. A key named twice is
     * there twice. Empty if there is none. Often shared: not to be changed.
     *
     * @param args the command, its name first
     * @throws RedisCdcException PROTOCOL if there are fewer arguments than the command has to have
     */
    public int[] keys(byte[][] args) {
        int[] keys = finder.find(args);
        if (keys == null) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "command " + name + " with " + (args.length - 1)
                            + " arguments after its name: its keys are not where they have to be");
        }
        return keys;
    }

    /**
     * The same of a command of which only the first arguments are known.
     *
     * @param head as many arguments as it has, empty where they are not known
     * @return as far as that tells; empty also where it does not tell any
     */
    public int[] keysOfHead(byte[][] head) {
        int[] keys = finder.find(head);
        return keys == null ? NONE : keys;
    }

    /** True if {@code candidate} is this name in any case. */
    boolean isNamed(byte[] candidate) {
        if (candidate.length != nameBytes.length) {
            return false;
        }
        for (int i = 0; i < candidate.length; i++) {
            if (Ascii.lower(candidate[i]) != nameBytes[i]) {
                return false;
            }
        }
        return true;
    }

    byte[] nameBytes() {
        return nameBytes;
    }

    @Override
    public String toString() {
        return name + " (" + kind + ")";
    }
}
