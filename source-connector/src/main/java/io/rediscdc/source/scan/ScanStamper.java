package io.rediscdc.source.scan;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import io.rediscdc.slot.Slot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gives the changes their positions: the offset is a running number within the epoch, and each is linked to the one before.
 *
 * <p>What was handed out and is not in the stored offset is read again after a restart, and can then be something else. So
 * no number is used twice: after a restart they go on at the microseconds since the epoch began, which no run has reached.
 */
final class ScanStamper {

    private static final int[] NO_KEYS = {};
    private static final byte[][] LOAD = {
        "FUNCTION".getBytes(StandardCharsets.US_ASCII),
        "LOAD".getBytes(StandardCharsets.US_ASCII),
        "REPLACE".getBytes(StandardCharsets.US_ASCII)
    };

    private final Origin origin;
    private final long epoch;
    private Position last;
    private long number;

    private ScanStamper(Origin origin, long epoch, Position last, long number) {
        this.origin = origin;
        this.epoch = epoch;
        this.last = last;
        this.number = number;
    }

    /** For a new epoch. */
    static ScanStamper anew(Origin origin, long formerEpoch, Position last) {
        return new ScanStamper(origin, Math.max(System.currentTimeMillis(), formerEpoch + 1), last, 0);
    }

    /** For an epoch that goes on. */
    static ScanStamper goingOn(Origin origin, long epoch, Position last) {
        long micros = TimeUnit.MILLISECONDS.toMicros(Math.max(0, System.currentTimeMillis() - epoch));
        return new ScanStamper(origin, epoch, last, Math.max(last.epoch() == epoch ? last.offset() : 0, micros));
    }

    long epoch() {
        return epoch;
    }

    Position last() {
        return last;
    }

    Change begin(String serverVersion) {
        Position closes = last.equals(Position.NONE) ? null : last;
        return Change.snapshot(
                control(Op.SNAPSHOT_BEGIN),
                Op.SNAPSHOT_BEGIN,
                stamp(null),
                SnapshotMark.begin(serverVersion, 1, closes));
    }

    /** @param keys negative if it is not known how many */
    Change end(long keys) {
        SnapshotMark mark = SnapshotMark.end(keys < 0 ? null : List.of(keys));
        return Change.snapshot(control(Op.SNAPSHOT_END), Op.SNAPSHOT_END, stamp(null), mark);
    }

    Change heartbeat() {
        return Change.heartbeat(control(Op.HEARTBEAT), stamp(null));
    }

    Change library(byte[] code) {
        Command load = new Command(new byte[][] {LOAD[0], LOAD[1], LOAD[2], code}, NO_KEYS, null);
        return Change.executable(control(Op.FUNCTION), Op.FUNCTION, stamp(null), load);
    }

    /** Null where nothing is to be said. */
    Change of(KeyState found) {
        if (found.state() != null) {
            return Change.set(found.key(), stamp(Slot.of(found.key().key())), found.state());
        }
        return found.deleted()
                ? Change.del(found.key(), stamp(Slot.of(found.key().key())))
                : null;
    }

    private Stamp stamp(Integer slot) {
        Position prev = last;
        last = new Position(epoch, ++number, 0);
        return new Stamp(origin, last, prev, slot, System.currentTimeMillis());
    }

    private ChangeKey control(Op op) {
        return ChangeKey.control(0, op, origin.shard());
    }
}
