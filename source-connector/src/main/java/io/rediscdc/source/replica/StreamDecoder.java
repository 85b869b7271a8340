package io.rediscdc.source.replica;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.CommandTable;
import io.rediscdc.command.ExpireTime;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns the command stream of a master into changes. Commands of a transaction are held back by one, because only EXEC
 * tells which was the last. A point to resume from never lies inside a transaction: a partial resynchronisation there
 * would bring an EXEC without its MULTI.
 */
final class StreamDecoder {

    private static final byte[] SENTINEL_HELLO = "__sentinel__:hello".getBytes(StandardCharsets.US_ASCII);
    private static final int NO_TRANSACTION = -1;

    private final Spool spool;
    private final CommandReader commands;
    private final Chain chain;
    private final Stamper stamper;
    private final int maxRecordBytes;
    private final Runnable onGetAck;
    private final long offsetOfStart;
    private final long startOfStream;

    private int db;
    private long safeOffset;
    private int safeDb;
    private long txId = NO_TRANSACTION;
    private int txIndex;
    private Held held;

    /** A command of a transaction of which it is not known yet whether it is the last. */
    private record Held(byte[][] args, CommandSpec spec, int db, long offset) {}

    StreamDecoder(
            Spool spool, Chain chain, Stamper stamper, long offset, int db, int maxRecordBytes, Runnable onGetAck) {
        this.spool = spool;
        this.commands = new CommandReader(spool);
        this.chain = chain;
        this.stamper = stamper;
        this.offsetOfStart = offset;
        this.startOfStream = spool.position();
        this.maxRecordBytes = maxRecordBytes;
        this.onGetAck = onGetAck;
        this.db = db;
        this.safeOffset = offset;
        this.safeDb = db;
    }

    /**
     * Reads one command.
     *
     * @param tsMs what its change is to say of when it was received
     * @param nowMs from when on a time relative to now counts
     * @return the change that is known now, null if the command was none or is held back
     */
    Change next(long tsMs, long nowMs) throws IOException {
        spool.mark();
        byte[][] args = commands.next();
        long offset = offset();
        CommandSpec spec = CommandTable.standard().spec(args);
        Change change =
                switch (spec.kind()) {
                    case SELECT -> {
                        db = database(args, offset);
                        yield null;
                    }
                    case MULTI -> {
                        txId = offset;
                        txIndex = 0;
                        yield null;
                    }
                    case EXEC -> {
                        Change last = held == null ? null : release(true, tsMs);
                        txId = NO_TRANSACTION;
                        yield last;
                    }
                    case REPLCONF -> {
                        // The only one that a master sends to its replicas is GETACK.
                        onGetAck.run();
                        yield null;
                    }
                    case PING, CLUSTER -> null;
                    default ->
                        isOurs(spec, args)
                                ? null
                                : write(new Held(absolute(args, spec, nowMs), spec, db, offset), tsMs);
                };
        if (txId == NO_TRANSACTION) {
            safeOffset = offset;
            safeDb = db;
            chain.settle();
        }
        return change;
    }

    /** Servers before 7.0 pass times on as they come, relative ones too: a replica counts from when it gets them. */
    private static byte[][] absolute(byte[][] args, CommandSpec spec, long nowMs) {
        ExpireTime time = spec.kind() == CommandKind.WRITE ? ExpireTime.of(args) : null;
        return time != null && time.isRelative() ? time.withAtMs(time.atMs(nowMs)) : args;
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

    boolean inTransaction() {
        return txId != NO_TRANSACTION;
    }

    private Change write(Held command, long tsMs) {
        checkSize(command);
        if (txId == NO_TRANSACTION) {
            return change(command, null, tsMs);
        }
        Change before = held == null ? null : release(false, tsMs);
        held = command;
        return before;
    }

    private Change release(boolean last, long tsMs) {
        Change change = change(held, new Command.Transaction(txId, txIndex++, last), tsMs);
        held = null;
        return change;
    }

    private Change change(Held held, Command.Transaction tx, long tsMs) {
        Op op = op(held.spec());
        int[] keys = held.spec().keys(held.args());
        Command command = new Command(held.args(), keys, tx);
        if (keys.length == 0) {
            return stamper.keyless(op, held.db(), held.offset(), tsMs, command);
        }
        ChangeKey key = new ChangeKey(held.db(), held.args()[keys[0]]);
        return Change.executable(key, op, stamper.keyed(key, held.offset(), 0, tsMs), command);
    }

    private static Op op(CommandSpec spec) {
        return switch (spec.kind()) {
            case FLUSH -> Op.FLUSH;
            case SWAPDB -> Op.SWAPDB;
            case FUNCTION -> Op.FUNCTION;
            case SCRIPT -> Op.SCRIPT;
            case PUBLISH -> Op.PUBLISH;
            default -> Op.COMMAND;
        };
    }

    /** What must not travel: keys of our own, and Sentinels talking about their masters. */
    private static boolean isOurs(CommandSpec spec, byte[][] args) {
        if (spec.kind() == CommandKind.PUBLISH) {
            return args.length > 1 && Arrays.equals(args[1], SENTINEL_HELLO);
        }
        int[] keys = spec.keys(args);
        for (int key : keys) {
            if (!ChangeKey.isReserved(args[key])) {
                return false;
            }
        }
        return keys.length > 0;
    }

    private void checkSize(Held command) {
        long bytes = 0;
        for (byte[] arg : command.args()) {
            bytes += arg.length;
        }
        if (bytes > maxRecordBytes) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a command (" + command.spec().name() + ") of " + bytes + " bytes, which ends at offset "
                            + command.offset()
                            + ", is larger than max.record.bytes (" + maxRecordBytes
                            + "); raise it, and the producer's max.request.size and the topic's max.message.bytes with it");
        }
    }

    private static int database(byte[][] args, long offset) {
        try {
            return Integer.parseInt(new String(args[1], StandardCharsets.US_ASCII));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new RedisCdcException(Category.PROTOCOL, "a SELECT without a number ends at offset " + offset, e);
        }
    }
}
