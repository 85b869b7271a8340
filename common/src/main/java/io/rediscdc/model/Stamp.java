package io.rediscdc.model;

import java.util.List;

/**
 * The part of a change that says where in the history it stands.
 *
 * @param prev position of this shard's previous record in the same partition: a record whose {@code prev} the reader
 *     has not seen tells it that something is missing
 * @param asOf offset at which a state was read back, null for what the history itself says
 * @param slot hash slot of the key, null for what has none
 * @param slotEpoch ownership epoch of the slot, null where the source is no cluster
 * @param slots slots the shard owned, as {@code 0-5460,6000}, on keyspace-wide events of a cluster; else null
 * @param tsMs when the source connector received it, ms since 1970
 * @param sites ids of the sites the change has come through, null if it was born here
 * @param partition of the topic, for which the source has it; not said in the record, and so 0 for who has read one
 */
public record Stamp(
        Origin origin,
        Position position,
        Position prev,
        Long asOf,
        Integer slot,
        Long slotEpoch,
        String slots,
        long tsMs,
        List<String> sites,
        int partition) {

    /** For a topic that has one partition, or where it is known otherwise. */
    public Stamp(
            Origin origin,
            Position position,
            Position prev,
            Long asOf,
            Integer slot,
            Long slotEpoch,
            String slots,
            long tsMs,
            List<String> sites) {
        this(origin, position, prev, asOf, slot, slotEpoch, slots, tsMs, sites, 0);
    }

    public Stamp(Origin origin, Position position, Position prev, Integer slot, long tsMs) {
        this(origin, position, prev, null, slot, null, null, tsMs, null);
    }

    /** That of a state which was read from the server, at that offset. */
    public Stamp readAt(long offset) {
        return new Stamp(origin, position, prev, offset, slot, slotEpoch, slots, tsMs, sites, partition);
    }

    /** The same of an event about slots: those owned, as {@code 0-5460}, and the epoch of that, null where it is not known. */
    public Stamp of(String ownedSlots, Long ownedEpoch) {
        return new Stamp(origin, position, prev, asOf, slot, ownedEpoch, ownedSlots, tsMs, sites, partition);
    }
}
