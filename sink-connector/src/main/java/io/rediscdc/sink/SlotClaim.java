package io.rediscdc.sink;

import io.rediscdc.slot.SlotRanges;

/**
 * Of which slots a shard of a cluster holds the keys, as its history says. Immutable.
 *
 * @param epoch configuration epoch of its master when that was said last
 * @param slots which it owns; also those that it has given up, until nothing more of them can follow
 * @param givenUp those of them that it does not own any more
 * @param sinceMs since when they are watched for more of them, by the clock of the source, ms since 1970
 * @param seenMs when the source received the last record of the shard, ms since 1970
 */
record SlotClaim(long epoch, SlotRanges slots, SlotRanges givenUp, long sinceMs, long seenMs) {

    /** Reads what {@link #toString} wrote. */
    static SlotClaim parse(String text) {
        String[] fields = text.split("/", -1);
        if (fields.length != 5) {
            throw new IllegalArgumentException("slots of which '" + text + "' is said");
        }
        return new SlotClaim(
                Long.parseLong(fields[0]),
                SlotRanges.parse(fields[1]),
                SlotRanges.parse(fields[2]),
                Long.parseLong(fields[3]),
                Long.parseLong(fields[4]));
    }

    @Override
    public String toString() {
        return epoch + "/" + slots + "/" + givenUp + "/" + sinceMs + "/" + seenMs;
    }
}
