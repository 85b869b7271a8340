package io.rediscdc.source.replica;

import io.rediscdc.model.Position;
import java.util.Collections;
import java.util.List;

/**
 * From where a history can be continued: never in the middle of a transaction or a snapshot.
 *
 * @param replid replication id of the history, null if only a full synchronisation can go on from here
 * @param offset offset of the last byte that has been seen; PSYNC asks for the one after it
 * @param db database that was selected there: a partial resynchronisation does not repeat the SELECT
 * @param epoch epoch of the history so far, 0 if there is none
 * @param last per partition, the position of the last record in it
 * @param tsMs when what is before it was received, ms since 1970; 0 if that is not known
 */
public record ResumePoint(String replid, long offset, int db, long epoch, List<Position> last, long tsMs) {

    public ResumePoint {
        last = List.copyOf(last);
    }

    /** Where a shard that was never read begins. */
    public static ResumePoint start(int partitions) {
        return new ResumePoint(null, 0, 0, 0, Collections.nCopies(partitions, Position.NONE), 0);
    }

    /** Where the history of an epoch stands that only a full synchronisation can continue. */
    static ResumePoint broken(long epoch, List<Position> last) {
        return new ResumePoint(null, 0, 0, epoch, last, 0);
    }

    public boolean isPartial() {
        return replid != null;
    }

    @Override
    public String toString() {
        return isPartial() ? replid + ":" + offset : "the beginning";
    }
}
