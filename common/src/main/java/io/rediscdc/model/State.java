package io.rediscdc.model;

import io.rediscdc.format.rdb.value.VisitableValue;

/**
 * The whole state of a key, or a piece of it.
 *
 * @param type string, list, set, zset, hash, stream, or the name of a module's type
 * @param dump what DUMP returns: type byte, value, RDB version (2 bytes), CRC64 (8 bytes); not copied. Null where there
 *     is a piece or a value
 * @param flavour whose RDB dialect the dump is in, or was
 * @param rdbVersion RDB version of the dump, as in its footer
 * @param expireAtMs when it expires, ms since 1970; null for never
 * @param idle seconds since the last access, null if the source did not say
 * @param freq LFU counter, null if the source did not say; never together with {@code idle}
 * @param piece the piece of a large value that this is, null for a whole one. The last one makes the key what it is;
 *     what else is said of the state is the same in all of them
 * @param value the whole value, of a record that has its elements in place of the dump; else null
 */
public record State(
        String type,
        byte[] dump,
        Flavour flavour,
        int rdbVersion,
        Long expireAtMs,
        Long idle,
        Integer freq,
        Piece piece,
        VisitableValue value) {

    /** A state by its dump, or a piece of one. */
    public State(
            String type,
            byte[] dump,
            Flavour flavour,
            int rdbVersion,
            Long expireAtMs,
            Long idle,
            Integer freq,
            Piece piece) {
        this(type, dump, flavour, rdbVersion, expireAtMs, idle, freq, piece, null);
    }

    /** A whole state. */
    public State(String type, byte[] dump, Flavour flavour, int rdbVersion, Long expireAtMs, Long idle, Integer freq) {
        this(type, dump, flavour, rdbVersion, expireAtMs, idle, freq, null, null);
    }

    /** Whether the key is in this state once it is applied: not so for any piece but the last. */
    public boolean isComplete() {
        return piece == null || piece.last();
    }
}
