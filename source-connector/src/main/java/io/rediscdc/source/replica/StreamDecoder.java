package io.rediscdc.source.replica;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.CommandTable;
import io.rediscdc.command.ExpireTime;
import io.rediscdc.command.SlotImport;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.format.resp.LargeCommandException;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the command stream of a master into changes. Commands of a transaction are held back by one
 * ({@link StreamTransaction}). A point to resume from never lies inside a transaction: a partial resynchronisation there
 * would bring an EXEC without its MULTI. A command that is too large for a record becomes pieces ({@link CommandPieces}).
 */
final class StreamDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(StreamDecoder.class);
    private static final int ALL_PARTITIONS = -1;

    private final Spool spool;
    private final CommandReader commands;
    private final Chain chain;
    private final Stamper stamper;
    private final int maxRecordBytes;
    private final Runnable onGetAck;
    private final StreamTransaction transaction;
    private final CommandPieces pieces;

    /** Null where commands become changes. */
    private final KeyChanges keyChanges;

    private final long offsetOfStart;
    private final long startOfStream;

    private int db;
    private long safeOffset;
    private int safeDb;
    private DirtyKeys.Boundary boundary;

    /** Changes that are known, to be made when it is their turn, of the time they are given; read up to {@code dueOffset}. */
    private final Deque<LongFunction<Change>> due = new ArrayDeque<>();

    private long dueOffset;

    /** Of a stream whose commands all become changes, of pieces if they are too large for a record. Reads nothing yet. */
    StreamDecoder(
            Spool spool, Chain chain, Stamper stamper, long offset, int db, int maxRecordBytes, Runnable onGetAck) {
        this(spool, chain, stamper, offset, db, maxRecordBytes, maxRecordBytes, onGetAck, null);
    }

    /**
     * Of one that is told in states. Reads nothing yet.
     *
     * @param wholeBytes the most a command may have that is read at once; a larger one is read by its pieces
     * @param keyChanges takes commands that are to be told in states
     */
    StreamDecoder(
            Spool spool,
            Chain chain,
            Stamper stamper,
            long offset,
            int db,
            int maxRecordBytes,
            long wholeBytes,
            Runnable onGetAck,
            KeyChanges keyChanges) {
        this.spool = spool;
        this.keyChanges = keyChanges;
        this.commands = new CommandReader(spool, wholeBytes);
        this.chain = chain;
        this.stamper = stamper;
        this.offsetOfStart = offset;
        this.startOfStream = spool.position();
        this.maxRecordBytes = maxRecordBytes;
        this.onGetAck = onGetAck;
        this.db = db;
        this.safeOffset = offset;
        this.safeDb = db;
        this.transaction = new StreamTransaction(stamper.partitions());
        this.pieces = new CommandPieces(spool, chain, stamper, transaction, maxRecordBytes, keyChanges);
    }

    /**
     * Reads one command.
     *
     * @param tsMs what its change is to say of when it was received
     * @return the change that is known now, null if the command was none or is held back
     */
    Change next(long tsMs) throws IOException {
        if (isDue()) {
            return nextDue(tsMs);
        }
        if (pieces.isWithin()) {
            return nextPiece(tsMs);
        }
        spool.mark();
        long begin = offset();
        byte[][] args;
        try {
            args = commands.next();
        } catch (LargeCommandException e) {
            LOG.debug("It will come in pieces", e);
            beginPieces();
            return nextPiece(tsMs);
        }
        long offset = offset();
        CommandSpec spec = CommandTable.standard().spec(args);
        Change change =
                switch (spec.kind()) {
                    case SELECT -> {
                        db = database(args, offset);
                        yield null;
                    }
                    case MULTI -> {
                        transaction.begin(offset);
                        yield null;
                    }
                    case EXEC -> {
                        transaction.end(due::add);
                        yield null;
                    }
                    case REPLCONF -> {
                        // The only one that a master sends to its replicas is GETACK.
                        onGetAck.run();
                        yield null;
                    }
                    case PING -> null;
                    // Of moving slots only what decides from where their keys are to be taken.
                    case CLUSTER -> SlotImport.of(args) == null ? null : write(args, spec, offset, tsMs);
                    default -> {
                        if (StreamScope.isOurs(spec, args, spec.keys(args)) || isTaken(args, spec, offset)) {
                            yield null;
                        }
                        if (keyChanges != null && offset - begin > maxRecordBytes) {
                            beginPieces();
                            yield null;
                        }
                        yield write(absolute(args, spec), spec, offset, tsMs);
                    }
                };
        if (pieces.isWithin()) {
            return nextPiece(tsMs);
        }
        if (isDue()) {
            dueOffset = offset;
            return nextDue(tsMs);
        }
        settle(offset);
        return change;
    }

    /** Whether it is told in states. */
    private boolean isTaken(byte[][] args, CommandSpec spec, long offset) {
        return keyChanges != null && keyChanges.take(args, spec.keys(args), spec, db, boundary(), offset);
    }

    /** Shared by what is changed before the next place to resume from. */
    private DirtyKeys.Boundary boundary() {
        if (boundary == null || boundary.offset() != safeOffset) {
            boundary = new DirtyKeys.Boundary(safeOffset, safeDb);
        }
        return boundary;
    }

    /** Whether there are changes that need no more bytes. */
    boolean isDue() {
        return !due.isEmpty();
    }

    /** They belong together: the point to resume from stays before all of them until the last is out. */
    private Change nextDue(long tsMs) {
        Change change = due.remove().apply(tsMs);
        if (!isDue()) {
            settle(dueOffset);
        }
        return change;
    }

    private void settle(long offset) {
        if (!transaction.isOpen()) {
            safeOffset = offset;
            safeDb = db;
            chain.settle();
        }
    }

    /** The command being read is too large: it is read from its beginning once more, by its pieces. */
    private void beginPieces() {
        spool.rewind();
        pieces.begin(offset(), db, keyChanges == null ? null : boundary());
    }

    private Change nextPiece(long tsMs) throws IOException {
        Change change = pieces.next(tsMs);
        if (!pieces.isWithin()) {
            settle(offset());
        }
        return change;
    }

    /**
     * Servers before 7.0 pass times on as they come, relative ones too: a replica counts from when it gets them. When that was is
     * known to some ms or, if much was received since, to a chunk of the spool. Then it is taken for later than it was: a key
     * that expires is deleted by the history, and must not be gone before.
     */
    private byte[][] absolute(byte[][] args, CommandSpec spec) {
        ExpireTime time = spec.kind() == CommandKind.WRITE ? ExpireTime.of(args) : null;
        return time != null && time.isRelative()
                ? time.withAtMs(time.atMs(System.currentTimeMillis() - spool.readAgeMs()))
                : args;
    }

    /** Offset of the last byte read. */
    long offset() {
        return offsetOfStart + spool.position() - startOfStream;
    }

    /** Offset outside any transaction from which the stream can be continued, with the database selected there. */
    long safeOffset() {
        return safeOffset;
    }

    int safeDb() {
        return safeDb;
    }

    /** Whether it stands within a transaction, or within a command that comes in pieces. */
    boolean isWithin() {
        return transaction.isOpen() || pieces.isWithin() || isDue();
    }

    private Change write(byte[][] args, CommandSpec spec, long offset, long tsMs) {
        int[] keys = spec.keys(args);
        int partition = partition(args, spec, keys);
        int selected = db;
        if (partition == ALL_PARTITIONS) {
            writeToAll(args, spec, keys, offset);
            return null;
        }
        if (!transaction.isOpen()) {
            return change(partition, args, spec, keys, selected, offset, null, tsMs);
        }
        Change before =
                transaction.holds(partition) ? transaction.release(partition).apply(tsMs) : null;
        transaction.hold(partition, (tx, ms) -> change(partition, args, spec, keys, selected, offset, tx, ms));
        return before;
    }

    private void writeToAll(byte[][] args, CommandSpec spec, int[] keys, long offset) {
        int selected = db;
        for (int i = 0; i < stamper.partitions(); i++) {
            int partition = i;
            StreamTransaction.Member member = (tx, ms) -> change(partition, args, spec, keys, selected, offset, tx, ms);
            if (!transaction.isOpen()) {
                due.add(ms -> member.change(null, ms));
            } else {
                if (transaction.holds(partition)) {
                    due.add(transaction.release(partition));
                }
                transaction.hold(partition, member);
            }
        }
    }

    /**
     * All have to know that there are no keys any more, or that slots arrive; but a function has no slot, and loaded and deleted by several
     * readers it would be in whatever order these are.
     */
    private int partition(byte[][] args, CommandSpec spec, int[] keys) {
        if (stamper.partitions() == 1) {
            return 0;
        }
        if (spec.kind() == CommandKind.FLUSH || spec.kind() == CommandKind.CLUSTER) {
            return ALL_PARTITIONS;
        }
        return keys.length == 0 ? 0 : stamper.partition(args[keys[0]]);
    }

    private Change change(
            int partition,
            byte[][] args,
            CommandSpec spec,
            int[] keys,
            int selected,
            long offset,
            Command.Transaction tx,
            long tsMs) {
        Op op = StreamScope.op(spec);
        Command command = new Command(args, keys, tx);
        if (keys.length == 0) {
            return stamper.keyless(partition, op, selected, offset, 0, tsMs, command);
        }
        ChangeKey key = new ChangeKey(selected, args[keys[0]]);
        return Change.executable(key, op, stamper.keyed(key, offset, 0, tsMs), command);
    }

    private static int database(byte[][] args, long offset) {
        try {
            return Integer.parseInt(new String(args[1], StandardCharsets.US_ASCII));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new RedisCdcException(Category.PROTOCOL, "a SELECT without a number ends at offset " + offset, e);
        }
    }
}
