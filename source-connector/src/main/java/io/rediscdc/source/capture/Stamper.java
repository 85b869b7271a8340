package io.rediscdc.source.capture;

import io.rediscdc.command.Flush;
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
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.source.cluster.Ownership;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gives the changes of one epoch their positions, and the partitions of their slots. A source that is no cluster has one
 * partition, and so one order.
 */
public final class Stamper {

    private final Chain chain;
    private final Origin origin;
    private final long epoch;
    private final Supplier<Ownership> owned;
    private final long firstIndex;

    /**
     * Of one epoch.
     *
     * @param owned which slots the shard has now; null where it is no cluster's
     */
    public Stamper(Chain chain, Origin origin, long epoch, Supplier<Ownership> owned) {
        this(chain, origin, epoch, owned, 0);
    }

    /**
     * The same.
     *
     * @param firstIndex the least index of what is {@link #readBack}: what is read again after a restart can be something else
     *     at the same offset, so it must not have the position of what was read before
     */
    public Stamper(Chain chain, Origin origin, long epoch, Supplier<Ownership> owned, long firstIndex) {
        this.firstIndex = firstIndex;
        this.chain = chain;
        this.origin = origin;
        this.epoch = epoch;
        this.owned = owned;
    }

    public long epoch() {
        return epoch;
    }

    public int partitions() {
        return chain.partitions();
    }

    /** The partition that the changes of a key are in. */
    public int partition(byte[] key) {
        return chain.partitions() == 1 ? 0 : Slot.partition(Slot.of(key), chain.partitions());
    }

    /** Where a change of a key stands. */
    public Stamp keyed(ChangeKey key, long offset, long index, long tsMs) {
        int slot = Slot.of(key.key());
        int partition = Slot.partition(slot, chain.partitions());
        return chain.stamp(partition, origin, new Position(epoch, offset, index), Slot.boxed(slot), tsMs);
    }

    /** What belongs to no key. That of all keys, a FLUSHALL, says which the shard had. */
    public Change keyless(int partition, Op op, int db, long offset, long index, long tsMs, Command command) {
        Stamp stamp = stamp(partition, offset, index, tsMs);
        if (op == Op.FLUSH && !chain.isLinked() && Flush.isOfAllDatabases(command.args())) {
            // Compaction must not take it for the same as the FLUSHDB of a database.
            return Change.executable(ChangeKey.controlOfAll(op, origin.shard()), op, stamp, command);
        }
        return Change.executable(
                control(db, op), op, op == Op.FLUSH ? owning(stamp, owned.get(), false) : stamp, command);
    }

    /** A piece of a command, behind what the history has at its offset. The key is null for one that is not known. */
    public Change piece(int partition, ChangeKey key, Op op, int db, long offset, long tsMs, Command command) {
        long index = nextIndex(partition, offset);
        if (key != null) {
            return Change.executable(key, op, keyed(key, offset, index, tsMs), command);
        }
        ChangeKey control =
                new ChangeKey(db, control(db, op).key(), command.piece().number());
        return Change.executable(control, op, stamp(partition, offset, index, tsMs), command);
    }

    /** The begin of a snapshot. */
    public Change snapshotBegin(int partition, String serverVersion, long offset, long index, long tsMs) {
        Position closes = chain.last(partition);
        SnapshotMark mark =
                SnapshotMark.begin(serverVersion, chain.partitions(), closes.equals(Position.NONE) ? null : closes);
        Stamp stamp = owning(stamp(partition, offset, index, tsMs), owned.get(), true);
        return Change.snapshot(control(0, Op.SNAPSHOT_BEGIN), Op.SNAPSHOT_BEGIN, stamp, mark);
    }

    /**
     * The end of a snapshot.
     *
     * @param keys per partition, null if it is not known how many
     */
    public Change snapshotEnd(int partition, List<Long> keys, long offset, long index, long tsMs) {
        return Change.snapshot(
                control(0, Op.SNAPSHOT_END),
                Op.SNAPSHOT_END,
                stamp(partition, offset, index, tsMs),
                SnapshotMark.end(keys));
    }

    /** A state that was read from the server at an offset, behind what the history has there. Null for no such key. */
    public Change state(ChangeKey key, State state, long offset, long tsMs) {
        Stamp stamp = keyed(key, offset, nextIndex(partition(key.key()), offset), tsMs)
                .readAt(offset);
        return state == null ? Change.del(key, stamp) : Change.set(key, stamp, state);
    }

    /** The state of a key that the history has changed, read from the server at an offset. Null for no such key. */
    public Change readBack(ChangeKey key, State state, long offset, long tsMs) {
        long index = Math.max(firstIndex, nextIndex(partition(key.key()), offset));
        Stamp stamp = keyed(key, offset, index, tsMs);
        return state == null ? Change.del(key, stamp) : Change.set(key, stamp, state);
    }

    /** Says that nothing has happened up to there. */
    public Change heartbeat(int partition, long offset, long tsMs) {
        return Change.heartbeat(control(0, Op.HEARTBEAT), stamp(partition, offset, 0, tsMs));
    }

    /** A heartbeat that says which slots the shard owns. */
    public Change ownership(int partition, Ownership owns, long offset, long tsMs) {
        Stamp stamp = stamp(partition, offset, nextIndex(partition, offset), tsMs);
        return Change.heartbeat(control(0, Op.HEARTBEAT), owning(stamp, owns, true));
    }

    /**
     * A heartbeat that says up to where the history is what it was called before a promotion. It comes before all else of the
     * partition that is read under the new name.
     *
     * @param shared offset of the last byte that both have
     */
    public Change promotion(int partition, long shared, long offset, long tsMs) {
        Position last = chain.last(partition);
        long at = last.epoch() == epoch ? Math.max(offset, last.offset()) : offset;
        Stamp stamp = stamp(partition, at, nextIndex(partition, at), tsMs);
        return Change.snapshot(
                control(0, Op.HEARTBEAT), Op.HEARTBEAT, stamp, SnapshotMark.promotion(new Position(epoch, shared, 0)));
    }

    /** Says only the slots of the partition: nobody is to do more there than its share. */
    private Stamp owning(Stamp stamp, Ownership owns, boolean withEpoch) {
        if (owns == null) {
            return stamp;
        }
        SlotRanges its = owns.slots().and(SlotRanges.ofPartition(stamp.partition(), chain.partitions()));
        return stamp.of(its.toString(), withEpoch ? owns.epoch() : null);
    }

    private long nextIndex(int partition, long offset) {
        Position last = chain.last(partition);
        return last.epoch() == epoch && last.offset() == offset ? last.index() + 1 : 0;
    }

    private Stamp stamp(int partition, long offset, long index, long tsMs) {
        return chain.stamp(partition, origin, new Position(epoch, offset, index), null, tsMs);
    }

    private ChangeKey control(int db, Op op) {
        return ChangeKey.control(db, op, origin.shard());
    }
}
