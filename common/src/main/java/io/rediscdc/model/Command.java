package io.rediscdc.model;

/**
 * Something a server executes.
 *
 * @param args the command, its name first; neither copied nor to be changed
 * @param keys indexes of the keys among the args, so that a reader can route commands it does not know
 * @param tx the transaction it ran in, null if it ran alone
 */
public record Command(byte[][] args, int[] keys, Transaction tx) {

    /**
     * Membership in a MULTI/EXEC or a script's effects.
     *
     * @param id replication offset of the MULTI: the same for all its members, different for every other's
     * @param index running number within the transaction, from 0
     * @param last true for the last one
     */
    public record Transaction(long id, int index, boolean last) {}
}
