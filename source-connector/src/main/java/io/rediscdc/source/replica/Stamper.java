package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.slot.Slot;
import java.util.List;

/** Gives the changes of one epoch their positions. A source that is no cluster has one partition, and so one order. */
final class Stamper {

    private static final int PARTITION = 0;
    private static final Integer[] SLOTS = new Integer[Slot.COUNT];

    static {
        for (int slot = 0; slot < SLOTS.length; slot++) {
            SLOTS[slot] = slot;
        }
    }

    private final Chain chain;
    private final Origin origin;
    private final long epoch;

    Stamper(Chain chain, Origin origin, long epoch) {
        this.chain = chain;
        this.origin = origin;
        this.epoch = epoch;
    }

    long epoch() {
        return epoch;
    }

    Stamp keyed(ChangeKey key, long offset, long index, long tsMs) {
        return chain.stamp(PARTITION, origin, new Position(epoch, offset, index), SLOTS[Slot.of(key.key())], tsMs);
    }

    Change keyless(Op op, int db, long offset, long tsMs, Command command) {
        return keyless(op, db, offset, 0, tsMs, command);
    }

    Change keyless(Op op, int db, long offset, long index, long tsMs, Command command) {
        return Change.executable(control(db, op), op, stamp(offset, index, tsMs), command);
    }

    /** A piece of a command, behind what the history has at its offset. The key is null for one that is not known. */
    Change piece(ChangeKey key, Op op, int db, long offset, long tsMs, Command command) {
        long index = nextIndex(offset);
        if (key != null) {
            return Change.executable(key, op, keyed(key, offset, index, tsMs), command);
        }
        ChangeKey control =
                new ChangeKey(db, control(db, op).key(), command.piece().number());
        return Change.executable(control, op, stamp(offset, index, tsMs), command);
    }

    Change snapshotBegin(String serverVersion, long offset, long tsMs) {
        Position closes = chain.last(PARTITION);
        SnapshotMark mark =
                SnapshotMark.begin(serverVersion, chain.partitions(), closes.equals(Position.NONE) ? null : closes);
        return Change.snapshot(control(0, Op.SNAPSHOT_BEGIN), Op.SNAPSHOT_BEGIN, stamp(offset, 0, tsMs), mark);
    }

    Change snapshotEnd(long keys, long offset, long index, long tsMs) {
        return Change.snapshot(
                control(0, Op.SNAPSHOT_END),
                Op.SNAPSHOT_END,
                stamp(offset, index, tsMs),
                SnapshotMark.end(List.of(keys)));
    }

    /** A state that was read from the server at an offset, behind what the history has there. Null for no such key. */
    Change state(ChangeKey key, State state, long offset, long tsMs) {
        Stamp stamp = keyed(key, offset, nextIndex(offset), tsMs).readAt(offset);
        return state == null ? Change.del(key, stamp) : Change.set(key, stamp, state);
    }

    Change heartbeat(long offset, long tsMs) {
        return Change.heartbeat(control(0, Op.HEARTBEAT), stamp(offset, 0, tsMs));
    }

    private long nextIndex(long offset) {
        Position last = chain.last(PARTITION);
        return last.epoch() == epoch && last.offset() == offset ? last.index() + 1 : 0;
    }

    private Stamp stamp(long offset, long index, long tsMs) {
        return chain.stamp(PARTITION, origin, new Position(epoch, offset, index), null, tsMs);
    }

    private ChangeKey control(int db, Op op) {
        return ChangeKey.control(db, op, origin.shard());
    }
}
