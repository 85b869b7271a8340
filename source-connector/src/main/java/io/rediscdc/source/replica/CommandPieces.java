package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import java.io.IOException;

/**
 * The changes that a command of the stream becomes which is too large for a record: one for each piece
 * ({@link LargeCommand}). Those before the last have the offset where the command begins, and count on from what has that
 * offset already; the last has the command's own. The point to resume from stays before them, but knows of them: read again,
 * they get other positions, so that pieces of two attempts cannot be taken for one command. (Within a transaction they get
 * the same: it is read again from its beginning.) Not thread-safe.
 */
final class CommandPieces {

    private final Spool spool;
    private final Chain chain;
    private final Stamper stamper;
    private final StreamTransaction transaction;
    private final int maxRecordBytes;

    /** Null where commands become changes. */
    private final KeyChanges keyChanges;

    /** Null outside one. */
    private LargeCommand command;

    /** Where in the spool it begins, and of which database it is. */
    private long start;

    private int db;

    /** A place to resume from before it. */
    private DirtyKeys.Boundary before;

    /** Its first piece, while what was held back goes before it. */
    private Piece first;

    CommandPieces(
            Spool spool,
            Chain chain,
            Stamper stamper,
            StreamTransaction transaction,
            int maxRecordBytes,
            KeyChanges keyChanges) {
        this.spool = spool;
        this.chain = chain;
        this.stamper = stamper;
        this.transaction = transaction;
        this.maxRecordBytes = maxRecordBytes;
        this.keyChanges = keyChanges;
    }

    /** Whether the next bytes are of a large command. */
    boolean isWithin() {
        return command != null;
    }

    /**
     * A large command comes next. Reads nothing yet.
     *
     * @param offset of the last byte before it
     * @param selected the database selected there
     * @param resumable a place before it, outside any transaction; not needed where commands become changes
     */
    void begin(long offset, int selected, DirtyKeys.Boundary resumable) {
        command = new LargeCommand(spool, offset, maxRecordBytes);
        start = spool.position();
        db = selected;
        before = resumable;
    }

    /** Reads a piece. Returns the change that is known now, null if there is none, or it is held back. */
    Change next(long tsMs) throws IOException {
        LargeCommand of = command;
        Piece piece = first;
        if (piece == null) {
            spool.mark();
            piece = of.next();
        }
        boolean captured = isCaptured(of) && !isTaken(of);
        int partition = captured ? partition(of) : 0;
        if (captured && transaction.holds(partition)) {
            first = piece;
            return transaction.release(partition).apply(tsMs);
        }
        first = null;
        if (piece.last()) {
            command = null;
        }
        if (!captured) {
            return null;
        }
        return piece.last() ? last(of, partition, piece, tsMs) : early(of, partition, piece, tsMs);
    }

    private Change early(LargeCommand of, int partition, Piece piece, long tsMs) {
        Command.Transaction tx = transaction.ofPiece(partition);
        Change change = change(of, partition, piece, db, of.boundary(), tx, tsMs);
        if (tx == null) {
            chain.settle();
        }
        return change;
    }

    private Change last(LargeCommand of, int partition, Piece piece, long tsMs) {
        int selected = db;
        long offset = of.boundary() + spool.position() - start;
        if (!transaction.isOpen()) {
            return change(of, partition, piece, selected, offset, null, tsMs);
        }
        transaction.hold(partition, (tx, ms) -> change(of, partition, piece, selected, offset, tx, ms));
        return null;
    }

    private static boolean isCaptured(LargeCommand of) {
        return switch (of.spec().kind()) {
            case PING, REPLCONF, CLUSTER -> false;
            default -> !StreamScope.isOurs(of.spec(), of.head(), of.keys());
        };
    }

    /** Whether it is told in states. */
    private boolean isTaken(LargeCommand of) {
        return keyChanges != null && keyChanges.takeLarge(of, db, before, of.boundary() + 1);
    }

    private int partition(LargeCommand of) {
        if (stamper.partitions() == 1) {
            return 0;
        }
        if (of.keys().length > 0) {
            return stamper.partition(of.head()[of.keys()[0]]);
        }
        if (StreamScope.op(of.spec()) == Op.COMMAND) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a command " + of.spec().name() + " of more than max.record.bytes, after offset " + of.boundary()
                            + ", does not begin with its key, so its partition is not known; raise max.record.bytes");
        }
        return 0;
    }

    private Change change(
            LargeCommand of, int partition, Piece piece, int selected, long offset, Command.Transaction tx, long tsMs) {
        Op op = StreamScope.op(of.spec());
        return stamper.piece(partition, of.key(selected, piece), op, selected, offset, tsMs, new Command(piece, tx));
    }
}
