package io.rediscdc.source.replica;

import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.CommandTable;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.resp.CommandCutter;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Piece;
import java.io.IOException;

/**
 * A command of the stream that is too large for a record, while it is read piece by piece. What it is, and what its first
 * key is, is known as far as its first piece tells. Not thread-safe.
 */
final class LargeCommand {

    private final CommandCutter cutter;
    private final int maxKeyBytes;
    private final long boundary;
    private int pieces;
    private CommandSpec spec;
    private byte[][] head;
    private int[] keys;

    /**
     * Reads nothing yet.
     *
     * @param in where the command begins
     * @param boundary offset of the last byte before it
     * @param maxRecordBytes the most a record may have: a piece takes three quarters of it, and leaves room for the key,
     *     which stands in the record more than once
     */
    LargeCommand(ByteInput in, long boundary, int maxRecordBytes) {
        this.cutter = new CommandCutter(in, maxRecordBytes / 4 * 3);
        this.maxKeyBytes = maxRecordBytes / 32;
        this.boundary = boundary;
    }

    /** Offset of the last byte before it. */
    long boundary() {
        return boundary;
    }

    /** The next piece. Not to be called after the last one. After an IOException it can be called again, from the same byte. */
    Piece next() throws IOException {
        byte[] data = cutter.next();
        if (pieces == 0) {
            head = cutter.head();
            spec = CommandTable.standard().spec(head);
            keys = spec.keysOfHead(head);
            checkKind();
        }
        return new Piece(pieces++, cutter.isOver(), Piece.RESP, cutter.length(), data);
    }

    /** After the first piece. */
    CommandSpec spec() {
        return spec;
    }

    /** After the first piece: its arguments, empty where that piece does not have them whole. */
    byte[][] head() {
        return head;
    }

    /** After the first piece: indexes of the keys in that, as far as it tells. */
    int[] keys() {
        return keys;
    }

    /** The key of the record of a piece, null where its first key is not known, or too long to be said with each piece. */
    ChangeKey key(int db, Piece piece) {
        if (keys.length == 0 || head[keys[0]].length == 0 || head[keys[0]].length > maxKeyBytes) {
            return null;
        }
        return new ChangeKey(db, head[keys[0]], piece.number());
    }

    private void checkKind() {
        switch (spec.kind()) {
            case SELECT, MULTI, EXEC ->
                throw new RedisCdcException(
                        Category.PROTOCOL,
                        "found " + spec.name() + " as a command that is larger than max.record.bytes");
            default -> {}
        }
    }
}
