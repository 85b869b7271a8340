package io.rediscdc.source.replica;

import io.rediscdc.command.piece.PieceWriter;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.value.ValueDecoder;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Piece;
import io.rediscdc.model.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Cuts a value that is in memory as a whole, and too large for a record, into pieces. */
final class DumpPieces {

    private DumpPieces() {}

    /**
     * The pieces of a value.
     *
     * @throws RedisCdcException UNSUPPORTED for an element that cannot be cut, and for values of modules
     */
    static List<Piece> of(ChangeKey key, State state, int maxRecordBytes) {
        byte[] dump = state.dump();
        List<Piece> pieces = new ArrayList<>();
        try {
            PieceWriter writer = new PieceWriter(
                    maxRecordBytes,
                    key.key().length,
                    (number, last, elements, data) ->
                            pieces.add(new Piece(number, last, Piece.COMMANDS, elements, data)));
            ArrayInput in = new ArrayInput(dump);
            in.skip(DumpPayload.valueOffset(dump, state.flavour()));
            new ValueDecoder(in, PieceWriter.decodeLimits(maxRecordBytes))
                    .decode(DumpPayload.type(dump, state.flavour()), writer.visitor());
            writer.finish();
            LargeValue.tellLosses(writer, key.key().length, state.type());
            return pieces;
        } catch (RedisCdcException e) {
            throw new RedisCdcException(
                    e.category(),
                    "the value of a key (key length " + key.key().length + ", type " + state.type()
                            + ") cannot be sent in pieces: " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "the dump of a key (key length " + key.key().length + ", type " + state.type() + ") is cut off",
                    e);
        }
    }
}
