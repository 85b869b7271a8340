package io.rediscdc.source;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Position;
import io.rediscdc.source.replica.ResumePoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The form in which Connect keeps a {@link ResumePoint}: what GET /connectors/x/offsets shows and PATCH may set. Part
 * of the API; {@code format} grows when it changes.
 *
 * <pre>{@code
 * partition {"source": "shop", "shard": "0"}
 * offset    {"format": 1, "phase": "stream", "replid": "8c6...", "offset": 1234, "db": 0,
 *            "epoch": 1767225600000, "last": "1767225600000:1200:0", "ts_ms": 1767225612345}
 * }</pre>
 *
 * <p>{@code last} has the position of the last record of every partition, comma-separated. In phase {@code snapshot}
 * there is no replid: only a full synchronisation can go on from there. {@code ts_ms} may be missing; {@code "changes":
 * "state"} is there where the stream is told in states. After a {@link
 * ScanOffset} a full synchronisation follows, too.
 */
final class SourceOffset {

    private static final long FORMAT = 1;
    private static final String STREAM = "stream";
    private static final String SNAPSHOT = "snapshot";
    private static final String TIME = "ts_ms";
    private static final String CHANGES = "changes";
    private static final String STATES = "state";

    private SourceOffset() {}

    static Map<String, String> partition(String source, String shard) {
        return new SourcePartition(source, shard);
    }

    /** @param states whether the stream is told in states: some can have been handed out that are ahead of the point */
    static Map<String, Object> write(ResumePoint point, boolean states) {
        Map<String, Object> offset = write(point);
        if (states) {
            offset.put(CHANGES, STATES);
        }
        return offset;
    }

    static Map<String, Object> write(ResumePoint point) {
        Map<String, Object> offset = new LinkedHashMap<>();
        offset.put("format", FORMAT);
        offset.put("phase", point.isPartial() ? STREAM : SNAPSHOT);
        if (point.isPartial()) {
            offset.put("replid", point.replid());
            offset.put("offset", point.offset());
            offset.put("db", (long) point.db());
        }
        offset.put("epoch", point.epoch());
        offset.put("last", text(point.last()));
        if (point.tsMs() > 0) {
            offset.put(TIME, point.tsMs());
        }
        return offset;
    }

    /**
     * Reads what {@link #write} wrote, or what an operator altered.
     *
     * @throws RedisCdcException with category CONFIG naming the field that makes no sense
     */
    static ResumePoint read(Map<String, ?> offset) {
        long format = number(offset, "format");
        if (format != FORMAT) {
            throw bad("format", "is " + format + ", this version reads " + FORMAT);
        }
        String phase = text(offset, "phase");
        List<Position> last = positions(text(offset, "last"));
        long epoch = number(offset, "epoch");
        if (phase.equals(SNAPSHOT)) {
            return new ResumePoint(null, 0, 0, epoch, last, 0);
        }
        if (ScanOffset.isScan(phase)) {
            return new ResumePoint(null, 0, 0, epoch, last, 0);
        }
        if (!phase.equals(STREAM)) {
            throw bad("phase", "is neither '" + STREAM + "' nor '" + SNAPSHOT + "'");
        }
        String replid = text(offset, "replid");
        if (!replid.matches("[0-9a-f]{40}")) {
            throw bad("replid", "is not 40 hexadecimal digits, as INFO replication shows them");
        }
        long tsMs = offset.get(TIME) == null ? 0 : number(offset, TIME);
        return new ResumePoint(replid, number(offset, "offset"), (int) number(offset, "db"), epoch, last, tsMs);
    }

    /**
     * Reads what {@link #write} wrote. Commands cannot go on where states were told, since some of the states are ahead of the
     * point: then only a full synchronisation can.
     *
     * @param states whether the stream is to be told in states
     * @throws RedisCdcException as {@link #read}
     */
    static ResumePoint readFor(Map<String, ?> offset, boolean states) {
        ResumePoint point = read(offset);
        boolean isAhead = !states && STATES.equals(offset.get(CHANGES));
        return isAhead ? new ResumePoint(null, 0, 0, point.epoch(), point.last(), 0) : point;
    }

    /** The text that {@link #positions} reads. */
    static String text(List<Position> positions) {
        return positions.stream().map(Position::toString).collect(Collectors.joining(","));
    }

    /** @throws RedisCdcException CONFIG if what was stored is not of so many partitions */
    static void check(List<Position> last, int partitions) {
        if (last.size() != partitions) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the stored offset is of a topic with " + last.size()
                            + " partitions, and topic.partitions is " + partitions
                            + ": slots would move between partitions. Set it back, or begin anew: another topic, and"
                            + " reset the connector's offsets");
        }
    }

    /** Of the field 'last'. */
    static List<Position> positions(String text) {
        List<Position> positions = new ArrayList<>();
        for (String position : text.split(",", -1)) {
            try {
                positions.add(Position.parse(position));
            } catch (IllegalArgumentException e) {
                throw new RedisCdcException(Category.CONFIG, "source offset, field 'last': " + e.getMessage(), e);
            }
        }
        return positions;
    }

    /** Numbers come back from JSON as Long or Integer. */
    static long number(Map<String, ?> offset, String field) {
        Object value = offset.get(field);
        if (!(value instanceof Number number) || number.longValue() < 0 || number.doubleValue() % 1 != 0) {
            throw bad(field, value == null ? "is missing" : "is no whole number from 0 up");
        }
        return number.longValue();
    }

    static String text(Map<String, ?> offset, String field) {
        if (!(offset.get(field) instanceof String text)) {
            throw bad(field, offset.get(field) == null ? "is missing" : "is no text");
        }
        return text;
    }

    static RedisCdcException bad(String field, String what) {
        return new RedisCdcException(
                Category.CONFIG,
                "source offset, field '" + field + "' " + what
                        + "; set what GET /connectors/<name>/offsets showed before, or null for a full synchronisation");
    }
}
