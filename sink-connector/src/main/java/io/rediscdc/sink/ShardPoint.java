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
 * @param slots which slots it claims, null unless it is one of a cluster
 * @param promotion Kafka offset of the last record that told of a promotion in it, -1 for none
 */
record ShardPoint(
        Position position,
        boolean snapshotOpen,
        long snapshotOffset,
        OpenValue value,
        SlotClaim slots,
        long promotion) {

    /** Of a shard of which nothing has been applied. */
    static final ShardPoint NONE = new ShardPoint(null, false, Checkpoint.NOTHING, null, null, Checkpoint.NOTHING);

    private static final String OPEN = "open";
    private static final String CLOSED = "closed";

    /** With what {@link #text} wrote beside the position. */
    static ShardPoint parse(Position position, String text) {
        String[] fields = text.split(" ", -1);
        if (fields.length != 3 && fields.length != 4) {
            throw new IllegalArgumentException("a shard of which '" + text + "' is said");
        }
        ShardPoint point = of(position, fields[0], fields[1], fields[2]);
        return fields.length == 3 ? point : point.with(SlotClaim.parse(fields[3]));
    }

    /** With what stands in fields of their own where there is one shard. */
    static ShardPoint of(Position position, String snapshot, String snapshotOffset, String value) {
        return new ShardPoint(
                position,
                OPEN.equals(snapshot),
                Long.parseLong(snapshotOffset),
                value.isEmpty() ? null : OpenValue.parse(value),
                null,
                Checkpoint.NOTHING);
    }

    private ShardPoint with(SlotClaim claim) {
        return new ShardPoint(position, snapshotOpen, snapshotOffset, value, claim, promotion);
    }

    ShardPoint promotedAt(long offset) {
        return new ShardPoint(position, snapshotOpen, snapshotOffset, value, slots, offset);
    }

    /** The same, as if no large value had been begun. */
    ShardPoint withoutValue() {
        return new ShardPoint(position, snapshotOpen, snapshotOffset, null, slots, promotion);
    }

    /** Whether older versions, which knew of one shard and no slots, have fields for it. */
    boolean isPlain() {
        return position != null && slots == null;
    }

    String snapshot() {
        return snapshotOpen ? OPEN : CLOSED;
    }

    String valueText() {
        return value == null ? "" : value.toString();
    }

    /** What is neither the position nor in a field of its own: {@code <open | closed> <offset of snapshot.begin> <value>[ <slots>]}. */
    String text() {
        return snapshot() + " " + snapshotOffset + " " + valueText() + (slots == null ? "" : " " + slots);
    }

    /** Of a flow that was rewound: only what is under construction at the target is left of it. */
    ShardPoint forgotten() {
        return new ShardPoint(null, false, Checkpoint.NOTHING, value, null, Checkpoint.NOTHING);
    }
}
