package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Holds the pieces of a large command back until the last one is there: it is then a command as any other. One that is larger
 * than may be held is streamed: its pieces are only passed on ({@link CommandStream}). A source that could
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
    private final boolean streams;
    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private int count;
    private long bytes;
    private Delivery first;
    private Delivery last;
    private boolean streamed;

    /**
     * @param maxBytes what it may take in memory
     * @param streams whether one that takes more can be streamed
     */
    OpenCommand(long maxBytes, boolean streams) {
        this.streams = streams;
        this.maxBytes = maxBytes;
    }

    /**
     * Adds what comes next.
     *
     * @param besides how much is held already of the transaction that it belongs to, bytes
     * @return the record itself if it is no piece, the whole command with the last piece, null before and if it is streamed
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
        if (piece.number() != count) {
            throw new RedisCdcException(
                    Category.GAP,
                    "piece " + piece.number() + " of a large command at " + delivery.place() + " follows "
                            + (count == 0 ? "none" : "piece " + (count - 1)) + ". " + NOT_APPLIED);
        }
        if (count == 0) {
            first = delivery;
        }
        bytes += piece.data().length;
        if (bytes != piece.elements()) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "piece " + piece.number() + " of a large command at " + delivery.place() + " brings it to " + bytes
                            + " bytes and says " + piece.elements() + ". " + NOT_APPLIED);
        }
        if (besides + bytes > maxBytes) {
            if (!streams || !canBeStreamed(delivery)) {
                throw tooLarge(delivery, besides, piece.last());
            }
            streamed = true;
        }
        pieces.add(piece.data());
        count++;
        last = delivery;
        return piece.last() && !streamed ? whole(delivery) : null;
    }

    /** Members of a transaction are executed together with others. */
    private static boolean canBeStreamed(Delivery delivery) {
        Op op = delivery.change().op();
        return delivery.change().command().tx() == null && (op == Op.COMMAND || op == Op.PUBLISH || op == Op.SCRIPT);
    }

    boolean isEmpty() {
        return count == 0;
    }

    void clear() {
        pieces.clear();
        count = 0;
        bytes = 0;
        streamed = false;
    }

    /** Whether its pieces are to be taken from here as they come. */
    boolean isStreamed() {
        return streamed;
    }

    /** Whether the record is a piece that others of the same command come before. */
    static boolean isContinuation(Delivery delivery) {
        Command command = delivery.change().command();
        return command != null && command.piece() != null && command.piece().number() > 0;
    }

    boolean hasPiece() {
        return !pieces.isEmpty();
    }

    /** The piece that is taken next. */
    byte[] piece() {
        return pieces.element();
    }

    byte[] takePiece() {
        return pieces.remove();
    }

    /** Record of its first piece. */
    Delivery first() {
        return first;
    }

    /** Record of the last piece that has come. */
    Delivery last() {
        return last;
    }

    /** Whether all of its pieces have come. */
    boolean isWhole() {
        return last.change().command().piece().last();
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
                    "the pieces from " + first.place() + " to " + last.place() + " are no command: " + e.getMessage()
                            + ". " + NOT_APPLIED,
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
        return last.with(change);
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
                "the command whose pieces begin at " + first.place() + " has " + bytes + " bytes "
                        + (whole ? "" : "and more ") + "at " + delivery.place()
                        + (besides == 0 ? "" : ", beside " + besides + " bytes of its transaction")
                        + ", and transaction.max.bytes is " + maxBytes
                        + ": it is not applied by halves; raise that, and the worker's heap");
    }
}
