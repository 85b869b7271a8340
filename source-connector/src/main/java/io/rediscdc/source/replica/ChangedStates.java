package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Piece;
import io.rediscdc.model.State;
import io.rediscdc.source.capture.Stamper;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * States of keys that have changed, until the history has arrived at the place where they were read. There they become changes,
 * before anything that follows, and the keys count as handed out: all that has been read of the history is in their states. What
 * cannot be placed is dropped, and its keys are read again. Not thread-safe.
 */
final class ChangedStates {

    private final KeyChanges keys;
    private final int maxRecordBytes;

    /** In the order of their places. */
    private final Deque<StateReader.States> readings = new ArrayDeque<>();

    /** How many of the first one's are handed out. */
    private int done;

    /** What is left of the one that is being handed out in pieces. */
    private final Deque<Piece> pieces = new ArrayDeque<>();

    ChangedStates(KeyChanges keys, int maxRecordBytes) {
        this.keys = keys;
        this.maxRecordBytes = maxRecordBytes;
    }

    boolean isEmpty() {
        return readings.isEmpty();
    }

    void add(List<StateReader.States> read) {
        readings.addAll(read);
    }

    /** The next change, if the history stands where it belongs, at the end of a command and outside a transaction. */
    Change next(StreamDecoder stream, Stamper stamper) {
        while (!readings.isEmpty()) {
            StateReader.States first = readings.element();
            if (stream.offset() < first.offset() || (stream.offset() == first.offset() && stream.isWithin())) {
                return null;
            }
            if (stream.offset() == first.offset() && done < first.states().size()) {
                return change(first, first.states().get(done), stamper);
            }
            readings.remove();
            done = 0;
        }
        return null;
    }

    private Change change(StateReader.States reading, StateReader.KeyState read, Stamper stamper) {
        State state = read.state();
        boolean isLarge = state != null && state.dump().length > maxRecordBytes;
        if (!isLarge) {
            handedOut(read.key());
            return stamper.readBack(read.key(), state, reading.offset(), reading.askedMs());
        }
        if (pieces.isEmpty()) {
            pieces.addAll(DumpPieces.of(read.key(), state, maxRecordBytes));
        }
        Piece piece = pieces.remove();
        if (piece.last()) {
            handedOut(read.key());
        }
        ChangeKey key = new ChangeKey(read.key().db(), read.key().key(), piece.number());
        State part = new State(
                state.type(), null, state.flavour(), state.rdbVersion(), state.expireAtMs(), null, null, piece);
        return stamper.readBack(key, part, reading.offset(), reading.askedMs());
    }

    private void handedOut(ChangeKey key) {
        done++;
        keys.handedOut(key);
    }
}
