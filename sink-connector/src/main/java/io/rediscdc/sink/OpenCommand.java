package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Piece;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Holds the pieces of a large command back until the last one is there: it is then a command as any other. A source that could
 * not go on in the middle begins again with the first piece, or goes on without the command: what is held is forgotten then.
 * Not thread-safe.
 */
final class OpenCommand {

    private static final String NOT_APPLIED =
            "Nothing of it was applied. Let the source make a new snapshot, then " + Rewind.HOW;

    /** Gives each piece away as it is read. */
    private static final class Pieces extends ByteInput {

        private final Deque<byte[]> rest;

        Pieces(Deque<byte[]> pieces) {
            super(new byte[0], 0, 0);
            this.rest = pieces;
        }

        @Override
        protected void refill() throws EOFException {
            byte[] following = rest.poll();
            if (following == null) {
                throw new EOFException("the command is longer than its pieces");
            }
            window = following;
            next = 0;
            limit = following.length;
        }
    }

    private final long maxBytes;
    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private long bytes;
    private String begin;

    /** @param maxBytes what it may take in memory */
    OpenCommand(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Adds what comes next.
     *
     * @param besides how much is held already of the transaction that it belongs to, bytes
     * @return the record itself if it is no piece, the whole command with the last piece, null before
     * @throws RedisCdcException GAP if a piece is missing, UNSUPPORTED if it is too large, PROTOCOL if it is no command
     */
    Delivery add(Delivery delivery, long besides) {
        Command command = delivery.change().command();
        Piece piece = command == null ? null : command.piece();
        if (piece == null || piece.number() == 0) {
            clear();
        }
        if (piece == null) {
            return delivery;
        }
        if (piece.number() != pieces.size()) {
            throw new RedisCdcException(
                    Category.GAP,
                    "piece " + piece.number() + " of a large command at " + delivery.place() + " follows "
                            + (pieces.isEmpty() ? "none" : "piece " + (pieces.size() - 1)) + ". " + NOT_APPLIED);
        }
        if (pieces.isEmpty()) {
            begin = delivery.place();
        }
        bytes += piece.data().length;
        if (bytes != piece.elements()) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "piece " + piece.number() + " of a large command at " + delivery.place() + " brings it to " + bytes
                            + " bytes and says " + piece.elements() + ". " + NOT_APPLIED);
        }
        if (besides + bytes > maxBytes) {
            throw tooLarge(delivery, besides, piece.last());
        }
        pieces.add(piece.data());
        return piece.last() ? whole(delivery) : null;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    void clear() {
        pieces.clear();
        bytes = 0;
    }

    private Delivery whole(Delivery last) {
        byte[][] args;
        int[] keys;
        try {
            args = read();
            keys = CommandTable.standard().spec(args).keys(args);
        } catch (IOException | RedisCdcException e) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "the pieces from " + begin + " to " + last.place() + " are no command: " + e.getMessage() + ". "
                            + NOT_APPLIED,
                    e);
        }
        Change piece = last.change();
        ChangeKey key = piece.key().whole();
        Change change = Change.executable(
                keys.length == 0 ? key : new ChangeKey(key.db(), args[keys[0]]),
                piece.op(),
                piece.stamp(),
                new Command(args, keys, piece.command().tx()));
        clear();
        return new Delivery(last.partition(), last.offset(), change, last.record());
    }

    private byte[][] read() throws IOException {
        Pieces in = new Pieces(pieces);
        byte[][] args = new CommandReader(in).next();
        if (in.buffered() > 0 || !pieces.isEmpty()) {
            throw new IOException("it ends " + in.buffered() + " bytes before the end of a piece");
        }
        return args;
    }

    private RedisCdcException tooLarge(Delivery delivery, long besides, boolean whole) {
        return new RedisCdcException(
                Category.UNSUPPORTED,
                "the command whose pieces begin at " + begin + " has " + bytes + " bytes "
                        + (whole ? "" : "and more ") + "at " + delivery.place()
                        + (besides == 0 ? "" : ", beside " + besides + " bytes of its transaction")
                        + ", and transaction.max.bytes is " + maxBytes
                        + ": it is not applied by halves; raise that, and the worker's heap");
    }
}
