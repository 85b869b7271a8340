package io.rediscdc.model;

/**
 * Something a server executes, or a piece of it.
 *
 * @param args the command, its name first; neither copied nor to be changed. Empty where there is a piece
 * @param keys indexes of the keys among the args, so that a reader can route commands it does not know
 * @param tx the transaction it ran in, null if it ran alone
 * @param piece the piece of a large command that this is, null for a whole one. With the last one the command is whole, and
 *     what else is said of it (position, transaction) is said there
 */
public record Command(byte[][] args, int[] keys, Transaction tx, Piece piece) {

    private static final byte[][] NO_ARGS = {};
    private static final int[] NO_KEYS = {};

    /**
     * Membership in a MULTI/EXEC or a script's effects.
     *
     * @param id replication offset of the MULTI: the same for all its members, different for every other's
     * @param index running number within the transaction, from 0; pieces of one command have the same
     * @param last true for the last one, of pieces for the last of them
     */
    public record Transaction(long id, int index, boolean last) {}

    /** A whole command. */
    public Command(byte[][] args, int[] keys, Transaction tx) {
        this(args, keys, tx, null);
    }

    /** A piece of a command. */
    public Command(Piece piece, Transaction tx) {
        this(NO_ARGS, NO_KEYS, tx, piece);
    }
}
