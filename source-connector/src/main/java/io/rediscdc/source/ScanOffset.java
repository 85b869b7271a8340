package io.rediscdc.source;

import io.rediscdc.model.Position;
import io.rediscdc.source.scan.ScanPoint;
import io.rediscdc.source.scan.ScanPoint.Phase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The form in which Connect keeps a {@link ScanPoint}, as {@link SourceOffset} is that of a replica's.
 *
 * <pre>{@code
 * offset    {"format": 1, "phase": "scan", "run_id": "8c6...", "db": 0, "cursor": "1234",
 *            "epoch": 1767225600000, "last": "1767225600000:1200:0"}
 * }</pre>
 *
 * <p>The phase is {@code scan}, {@code live} or {@code done}; run_id, db and cursor belong to {@code scan} only, and the
 * run_id is missing where the server does not say it.
 */
final class ScanOffset {

    private static final long FORMAT = 1;
    private static final String RUN_ID = "run_id";

    private ScanOffset() {}

    /** Whether a phase is one of these. */
    static boolean isScan(String phase) {
        return phase.equals(name(Phase.SCAN)) || phase.equals(name(Phase.LIVE)) || phase.equals(name(Phase.DONE));
    }

    static Map<String, Object> write(ScanPoint point) {
        Map<String, Object> offset = new LinkedHashMap<>();
        offset.put("format", FORMAT);
        offset.put("phase", name(point.phase()));
        if (point.phase() == Phase.SCAN) {
            if (point.runId() != null) {
                offset.put(RUN_ID, point.runId());
            }
            offset.put("db", (long) point.db());
            offset.put("cursor", point.cursor());
        }
        offset.put("epoch", point.epoch());
        offset.put("last", SourceOffset.text(point.last()));
        return offset;
    }

    /**
     * Reads what {@link #write} wrote, or what an operator altered. What a replica has left is a history that a scan
     * follows.
     *
     * @throws io.rediscdc.error.RedisCdcException with category CONFIG naming the field that makes no sense
     */
    static ScanPoint read(Map<String, ?> offset) {
        String phase = SourceOffset.text(offset, "phase");
        if (!isScan(phase)) {
            return ScanPoint.start(
                    SourceOffset.read(offset).epoch(), SourceOffset.read(offset).last());
        }
        long format = SourceOffset.number(offset, "format");
        if (format != FORMAT) {
            throw SourceOffset.bad("format", "is " + format + ", this version reads " + FORMAT);
        }
        List<Position> last = SourceOffset.positions(SourceOffset.text(offset, "last"));
        long epoch = SourceOffset.number(offset, "epoch");
        if (!phase.equals(name(Phase.SCAN))) {
            return new ScanPoint(Phase.valueOf(phase.toUpperCase(Locale.ROOT)), null, 0, "0", epoch, last);
        }
        String cursor = SourceOffset.text(offset, "cursor");
        if (!cursor.matches("\\d{1,20}")) {
            throw SourceOffset.bad("cursor", "is no decimal number");
        }
        return new ScanPoint(
                Phase.SCAN,
                offset.get(RUN_ID) == null ? null : SourceOffset.text(offset, RUN_ID),
                (int) SourceOffset.number(offset, "db"),
                cursor,
                epoch,
                last);
    }

    private static String name(Phase phase) {
        return phase.name().toLowerCase(Locale.ROOT);
    }
}
