package io.rediscdc.model;

/**
 * A piece of a large value or of a large command.
 *
 * @param number running number, from 0
 * @param last whether it is the last one
 * @param layout how it was cut: {@link #COMMANDS} for values, {@link #RESP} for commands
 * @param elements number of elements of the value, or of bytes of the command, in this piece and those before it
 * @param data what it consists of; not copied
 */
public record Piece(int number, boolean last, int layout, long elements, byte[] data) {

    /** Commands in RESP that build the value, one after another, each with an empty string where the key belongs. */
    public static final int COMMANDS = 1;

    /** The command in RESP, cut anywhere. */
    public static final int RESP = 2;
}
