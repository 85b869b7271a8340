package io.rediscdc.model;

/**
 * A piece of a large value.
 *
 * @param number running number, from 0
 * @param last whether it is the last one
 * @param layout how the value was cut: {@link #COMMANDS} is the only way
 * @param elements number of elements in this piece and those before it
 * @param data what it consists of; not copied
 */
public record Piece(int number, boolean last, int layout, long elements, byte[] data) {

    /** Commands in RESP that build the value, one after another, each with an empty string where the key belongs. */
    public static final int COMMANDS = 1;
}
