package io.rediscdc.command.rebuild;

/**
 * The size of the commands that rebuild a value.
 *
 * @param commandBytes of all arguments together, beyond which a further element goes into the next command; a single
 *     element that is larger goes alone
 * @param commandElements number of elements in a command (servers execute a command without a break)
 */
public record RebuildLimits(int commandBytes, int commandElements) {

    /** 256 KiB and 1000 elements. */
    public static final RebuildLimits DEFAULT = new RebuildLimits(256 * 1024, 1000);

    public RebuildLimits {
        if (commandBytes < 1 || commandElements < 1) {
            throw new IllegalArgumentException("limits have to be positive");
        }
    }
}
