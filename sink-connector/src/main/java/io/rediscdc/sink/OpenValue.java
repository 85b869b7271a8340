package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.sink.sweep.Fingerprint;
import io.rediscdc.slot.Slot;

/**
 * A large value of which the target has some pieces, but not the last. Immutable.
 *
 * @param slot of the key, and so of that under which the value is being built
 * @param key fingerprint of the key
 * @param pieces how many the target has
 * @param elements how many elements are in them
 * @param isAdded whether they are added to the key itself, and not built beside it; so it was begun, and so it ends, even if
 *     the options are others by then
 */
record OpenValue(int db, int slot, long key, int pieces, long elements, boolean isAdded) {

    private static final String ADDED = "merge";
    private static final String BESIDE = "replace";

    /** Of which the target has nothing. */
    static OpenValue of(ChangeKey key, boolean isAdded) {
        return new OpenValue(key.db(), Slot.of(key.key()), Fingerprint.of(key.db(), key.key()), 0, 0, isAdded);
    }

    /** Reads what {@link #toString} wrote. */
    static OpenValue parse(String text) {
        String[] fields = text.split(":", -1);
        if (fields.length != 6 || !(fields[5].equals(ADDED) || fields[5].equals(BESIDE))) {
            throw new IllegalArgumentException("a value of which '" + text + "' is said");
        }
        return new OpenValue(
                Integer.parseInt(fields[0]),
                Integer.parseInt(fields[1]),
                Long.parseUnsignedLong(fields[2], 16),
                Integer.parseInt(fields[3]),
                Long.parseLong(fields[4]),
                fields[5].equals(ADDED));
    }

    boolean isBuiltWith(OpenValue other) {
        return db == other.db && slot == other.slot;
    }

    /** With one piece more, and what elements it has. */
    OpenValue and(long more) {
        return new OpenValue(db, slot, key, pieces + 1, elements + more, isAdded);
    }

    /** @throws RedisCdcException GAP if another piece, or that of another value, would be next */
    void checkNext(ChangeKey of, int number) {
        if (number != pieces || key != Fingerprint.of(of.db(), of.key())) {
            throw gap(
                    number,
                    "those of " + (number == pieces ? "another key" : "the same or another key") + " up to "
                            + (pieces - 1));
        }
    }

    static RedisCdcException gap(int number, String before) {
        return new RedisCdcException(
                Category.GAP,
                "piece " + number + " of a large value follows " + before
                        + "; nothing of it has become visible. Let the source make a new snapshot, then " + Rewind.HOW);
    }

    @Override
    public String toString() {
        return db + ":" + slot + ":" + Long.toHexString(key) + ":" + pieces + ":" + elements + ":"
                + (isAdded ? ADDED : BESIDE);
    }
}
