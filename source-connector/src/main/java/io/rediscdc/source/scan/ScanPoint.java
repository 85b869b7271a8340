package io.rediscdc.source.scan;

import io.rediscdc.model.Position;
import java.util.Collections;
import java.util.List;

/**
 * From where a capture by SCAN goes on.
 *
 * @param phase what is to be done
 * @param runId of the server whose cursor it is; null where it does not say, and then a scan begins anew
 * @param db that is being scanned
 * @param cursor that follows what has been handed out, in decimal; 0 for the beginning of the database
 * @param epoch of what was handed out last, 0 if nothing was
 * @param last positions of the last record of every partition
 */
public record ScanPoint(Phase phase, String runId, int db, String cursor, long epoch, List<Position> last) {

    public ScanPoint {
        last = List.copyOf(last);
    }

    /** What is to be done. */
    public enum Phase {
        /** A scan has to begin. */
        START,
        /** A scan is under way. */
        SCAN,
        /** Changes follow a scan, or no scan is wanted. */
        LIVE,
        /** Nothing. */
        DONE
    }

    /** Where what was never read begins, behind a history. */
    public static ScanPoint start(long epoch, List<Position> last) {
        return new ScanPoint(Phase.START, null, 0, "0", epoch, last);
    }

    /** Where what was never read begins, without a history. */
    public static ScanPoint start(int partitions) {
        return start(0, Collections.nCopies(partitions, Position.NONE));
    }

    @Override
    public String toString() {
        return switch (phase) {
            case START -> "the beginning";
            case SCAN -> "cursor " + cursor + " of database " + db;
            case LIVE -> "changes";
            case DONE -> "the end";
        };
    }
}
