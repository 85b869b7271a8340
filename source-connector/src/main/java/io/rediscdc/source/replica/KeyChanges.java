package io.rediscdc.source.replica;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandName;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.DatabaseNumber;
import io.rediscdc.command.OtherDatabase;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.source.replica.DirtyKeys.Boundary;
import java.util.List;

/**
 * Of a stream that is told in states: which keys its commands change. Commands that change no key in particular stay changes
 * themselves, where the topic may have them.
 *
 * <p>Keys beyond the bound are not noted: they are when the history is read once more from before the first of them, which is
 * due as soon as those that are noted have been handed out. Not thread-safe.
 */
final class KeyChanges {

    private final DirtyKeys dirty;
    private final boolean compacted;

    /** Up to this offset, what stays a command has been handed out before: the history is read for the keys it changes. */
    private long knownUntil;

    /** Null unless there was no room for a key. */
    private Boundary missedFrom;

    private boolean renewal;

    /** None yet, of a stream that has not begun. */
    KeyChanges(StateOptions options) {
        this.dirty = new DirtyKeys(options);
        this.compacted = options.compacted();
    }

    /**
     * The stream begins.
     *
     * @param recordedUntil offset of the last record of this epoch so far; 0 for none
     */
    void begin(long recordedUntil) {
        knownUntil = recordedUntil;
    }

    /** Whether no record has a later place than this offset of the stream, so that a state may have this one. */
    boolean isNew(long offset) {
        return offset >= knownUntil;
    }

    /**
     * Takes a command that is no change itself.
     *
     * @param keys indexes of its keys, among what is known of its arguments
     * @param before a place before it, outside any transaction
     * @param offset of its last byte
     * @return false if it is to become one
     * @throws RedisCdcException UNSUPPORTED if it is not known what it changes, and the topic cannot have it
     */
    boolean take(byte[][] args, int[] keys, CommandSpec spec, int db, Boundary before, long offset) {
        switch (spec.kind()) {
            case WRITE, EVAL -> {
                note(args, keys, db, before);
                return true;
            }
            case SWAPDB -> {
                dirty.swap(DatabaseNumber.at(args, 1), DatabaseNumber.at(args, 2));
                renewal |= compacted;
                return compacted || offset <= knownUntil;
            }
            case FLUSH -> {
                return offset <= knownUntil;
            }
            default -> {
                if (compacted && spec.kind() == CommandKind.UNKNOWN) {
                    throw new RedisCdcException(
                            Category.UNSUPPORTED,
                            "a command '" + CommandName.of(args) + "' that is not known here ends at offset " + offset
                                    + ": which keys it changes is not known, and a compacted topic (topic.compacted) has no"
                                    + " commands. Use topic.compacted=false, or change.format=commands");
                }
                return compacted || offset <= knownUntil;
            }
        }
    }

    /**
     * The same of a command of which only the first arguments are known.
     *
     * @throws RedisCdcException UNSUPPORTED also if one of its keys is not known
     */
    boolean takeLarge(LargeCommand command, int db, Boundary before, long offset) {
        boolean isWrite =
                command.spec().kind() == CommandKind.WRITE || command.spec().kind() == CommandKind.EVAL;
        for (int key : command.keys()) {
            if (isWrite && command.head()[key].length == 0) {
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "a command " + command.spec().name() + " after offset " + before.offset()
                                + " is so large that not all of its " + command.keys().length
                                + " keys are known; raise spool.memory.bytes, of which it may take an eighth, or use"
                                + " change.format=commands");
            }
        }
        return take(command.head(), command.keys(), command.spec(), db, before, offset);
    }

    private void note(byte[][] args, int[] keys, int db, Boundary before) {
        long now = System.nanoTime();
        for (int key : keys) {
            note(new ChangeKey(db, args[key]), before, now);
        }
        if (OtherDatabase.mayBeNamed(args)) {
            note(new ChangeKey(writtenDatabase(args, db), args[keys[keys.length - 1]]), before, now);
        }
    }

    private void note(ChangeKey key, Boundary before, long now) {
        // After the first that is missed, none is added: those that are there come to an end, and all others are met
        // again.
        boolean ours = ChangeKey.isReserved(key.key());
        if (!ours && missedFrom == null && !dirty.add(key, before, now)) {
            missedFrom = before;
        }
    }

    /** Where what a MOVE or COPY writes stands. */
    private static int writtenDatabase(byte[][] args, int own) {
        int index = OtherDatabase.index(args);
        return index == OtherDatabase.NONE ? own : DatabaseNumber.at(args, index);
    }

    /** Those that have changed and have waited for long enough. */
    List<ChangeKey> due(int max, long nowNanos) {
        return dirty.due(max, nowNanos);
    }

    /** How long it is until one is due, ns; negative if one is. Not to be called while it is empty. */
    long dueInNanos(long nowNanos) {
        return dirty.dueInNanos(nowNanos);
    }

    /** Whether all that have changed have been handed out, but for those that there was no room for. */
    boolean isEmpty() {
        return dirty.isEmpty();
    }

    /** The state of a key has been handed out, as it is where the history has been read up to. */
    void handedOut(ChangeKey key) {
        dirty.remove(key);
    }

    /** The place before the first change whose state has not been handed out; null for none. */
    Boundary first() {
        Boundary first = dirty.first();
        return first == null ? missedFrom : first;
    }

    /** Whether the history is to be read once more from {@link #first}, for keys that there was no room for. */
    boolean isToBeRepeated() {
        return missedFrom != null && dirty.isEmpty();
    }

    /** Whether only a new snapshot can tell what has happened. */
    boolean needsSnapshot() {
        return renewal;
    }

    int size() {
        return dirty.size();
    }
}
