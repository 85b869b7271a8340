package io.rediscdc.command.piece;

/** Takes pieces, in order. */
@FunctionalInterface
public interface PieceOutput {

    /**
     * A piece.
     *
     * @param number running number, from 0
     * @param last whether it is the last one
     * @param elements number of elements in this piece and those before it
     * @param data commands in RESP, each with an empty string where the key belongs; the receiver's from now on
     */
    void piece(int number, boolean last, long elements, byte[] data);
}
