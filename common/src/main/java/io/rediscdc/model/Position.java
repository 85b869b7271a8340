package io.rediscdc.model;

/**
 * Where a change stands in a shard's history. Totally ordered within a shard.
 *
 * @param epoch start time in ms of the full synchronisation this belongs to; grows at every full resync
 * @param offset replication offset of the last byte of the change; of a snapshot record, the offset of the snapshot
 * @param index running number of the record among those of one offset: 0 but in snapshots
 */
public record Position(long epoch, long offset, long index) implements Comparable<Position> {

    /** Before everything: what a partition's first record names as its predecessor. */
    public static final Position NONE = new Position(0, 0, 0);

    /** Reads what {@link #toString()} wrote. */
    public static Position parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a position (epoch:offset:index): '" + text + "'");
        }
        try {
            return new Position(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a position (epoch:offset:index): '" + text + "'", e);
        }
    }

    public boolean isAfter(Position other) {
        return compareTo(other) > 0;
    }

    @Override
    public int compareTo(Position other) {
        int byEpoch = Long.compare(epoch, other.epoch);
        if (byEpoch != 0) {
            return byEpoch;
        }
        int byOffset = Long.compare(offset, other.offset);
        return byOffset != 0 ? byOffset : Long.compare(index, other.index);
    }

    @Override
    public String toString() {
        return epoch + ":" + offset + ":" + index;
    }
}
