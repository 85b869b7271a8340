package io.rediscdc.sink;

import io.rediscdc.model.Position;

/**
 * What has been applied of one shard's history. Immutable.
 *
 * @param position of the last change applied, null for none
 * @param snapshotOpen whether it lies between a snapshot.begin and its end
 * @param snapshotOffset Kafka offset of that snapshot.begin, if at the end something has to be removed which the snapshot
 *     does not have; else -1
 * @param value what of a large value has been applied, null unless that is not all of it
 */
record ShardPoint(Position position, boolean snapshotOpen, long snapshotOffset, OpenValue value) {

    /** Of a shard of which nothing has been applied. */
    static final ShardPoint NONE = new ShardPoint(null, false, Checkpoint.NOTHING, null);

    private static final String OPEN = "open";
    private static final String CLOSED = "closed";

    /** With what {@link #text} wrote beside the position. */
    static ShardPoint parse(Position position, String text) {
        String[] fields = text.split(" ", -1);
        if (fields.length != 3) {
            throw new IllegalArgumentException("a shard of which '" + text + "' is said");
        }
        return of(position, fields[0], fields[1], fields[2]);
    }

    /** With what stands in fields of their own where there is one shard. */
    static ShardPoint of(Position position, String snapshot, String snapshotOffset, String value) {
        return new ShardPoint(
                position,
                OPEN.equals(snapshot),
                Long.parseLong(snapshotOffset),
                value.isEmpty() ? null : OpenValue.parse(value));
    }

    String snapshot() {
        return snapshotOpen ? OPEN : CLOSED;
    }

    String valueText() {
        return value == null ? "" : value.toString();
    }

    /** All but the position: {@code <open | closed> <offset of snapshot.begin> <value>}. */
    String text() {
        return snapshot() + " " + snapshotOffset + " " + valueText();
    }

    /** Of a flow that was rewound: only what is under construction at the target is left of it. */
    ShardPoint forgotten() {
        return new ShardPoint(null, false, Checkpoint.NOTHING, value);
    }
}
