package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** A shard of {@link MovingSlots}: its history, and how much of that is in the topic. What it executes stands there in that order. */
final class ModelShard {

    /** How long the source may take to see that a slot has moved, ms. */
    private static final long BLIND_MS = 4_000;

    private final Deque<Change> stream = new ArrayDeque<>();
    private final Origin origin;
    private final int db;
    private final LongSupplier clock;

    private Position last = Position.NONE;
    private long offset = 1_000;
    private long epoch;

    /** Of what the topic has. */
    private Position sent = Position.NONE;

    private long sentMs;

    private long configEpoch;

    /** What the source has last seen of its slots, and when, ms. */
    private SlotRanges said = SlotRanges.NONE;

    private long saidEpoch;
    private long lookedMs;

    /** For how many steps nothing of its history comes into the topic. */
    private int held;

    /** @param clock the time, ms */
    ModelShard(int number, LongSupplier clock) {
        this.origin = new Origin("shard" + number, "127.0.0.1:" + number, null);
        this.db = number;
        this.clock = clock;
    }

    /** The database that its keys are in. */
    int db() {
        return db;
    }

    void hasSlotsUnder(long newConfigEpoch) {
        configEpoch = newConfigEpoch;
    }

    /** The source sees which slots it has; the history is told of that later. */
    void look(SlotRanges slots) {
        said = slots;
        saidEpoch = configEpoch;
        lookedMs = clock.getAsLong();
    }

    boolean hasToLook() {
        return clock.getAsLong() - lookedMs > BLIND_MS;
    }

    /** @param saysSlots whether it says which slots it has, as it does in any case if they have just been looked at */
    void beat(boolean saysSlots) {
        offset += 20;
        boolean says = saysSlots || clock.getAsLong() == lookedMs;
        stream.add(Change.heartbeat(
                control(Op.HEARTBEAT), stamp(null, says ? said.toString() : null, says ? (Long) saidEpoch : null)));
    }

    void record(String... command) {
        record(Stream.of(command).map(ModelKeys::bytes).toArray(byte[][]::new));
    }

    void record(byte[]... command) {
        offset += 37;
        int[] keys = CommandTable.standard().spec(command).keys(command);
        byte[] key = keys.length == 0 ? null : command[keys[0]];
        stream.add(Change.executable(
                key == null ? control(Op.COMMAND) : new ChangeKey(0, key),
                Op.COMMAND,
                stamp(key == null ? null : (Integer) Slot.of(key), null, null),
                new Command(command, keys, null)));
    }

    void recordFlush() {
        offset += 18;
        stream.add(Change.executable(
                control(Op.FLUSH),
                Op.FLUSH,
                stamp(null, said.toString(), null),
                new Command(new byte[][] {ModelKeys.bytes("FLUSHALL")}, new int[0], null)));
    }

    /** The state of a key, for which somebody has asked; the dump is null if there is no such key. */
    void answer(ChangeKey asked, byte[] dump) {
        Stamp stamp = stamp(Slot.of(asked.key()), null, null).readAt(offset);
        stream.add(dump == null ? Change.del(asked, stamp) : Change.set(asked, stamp, state(dump)));
    }

    /** What has not been sent is lost. */
    void forgetUnsent() {
        stream.clear();
        last = sent;
        epoch++;
    }

    void beginSnapshot() {
        stream.add(Change.snapshot(
                control(Op.SNAPSHOT_BEGIN),
                Op.SNAPSHOT_BEGIN,
                stamp(null, said.toString(), saidEpoch),
                SnapshotMark.begin("7.0.15", 1, null)));
    }

    void addToSnapshot(byte[] key, byte[] dump) {
        stream.add(Change.set(new ChangeKey(0, key), stamp(Slot.of(key), null, null), state(dump)));
    }

    void endSnapshot(long keys) {
        stream.add(Change.snapshot(
                control(Op.SNAPSHOT_END), Op.SNAPSHOT_END, stamp(null, null, null), SnapshotMark.end(List.of(keys))));
    }

    void hold(int steps) {
        held = steps;
    }

    void step() {
        held = Math.max(0, held - 1);
    }

    boolean isHeld() {
        return held > 0;
    }

    boolean hasMore() {
        return !stream.isEmpty();
    }

    /** What comes into the topic next, linked to what has come before it. */
    Change send() {
        Change change = stream.remove();
        Stamp stamp = change.stamp();
        Stamp linked = new Stamp(
                stamp.origin(),
                stamp.position(),
                sent,
                stamp.asOf(),
                stamp.slot(),
                stamp.slotEpoch(),
                stamp.slots(),
                stamp.tsMs(),
                null);
        sent = stamp.position();
        sentMs = stamp.tsMs();
        return new Change(change.key(), change.op(), linked, change.state(), change.command(), change.snapshot());
    }

    /** Whether something fits between what has been sent and what is next. */
    boolean hasRoom() {
        Position next = stream.element().stamp().position();
        return next.epoch() == sent.epoch() && next.offset() > sent.offset() + 1;
    }

    /** A source that is behind says what the shard owns now, where its history is not yet. */
    Change sayAhead() {
        Position position = new Position(epoch, sent.offset() + 1, 0);
        Stamp stamp = new Stamp(origin, position, sent, null, null, saidEpoch, said.toString(), sentMs, null);
        sent = position;
        return Change.heartbeat(control(Op.HEARTBEAT), stamp);
    }

    private ChangeKey control(Op op) {
        return ChangeKey.control(0, op, origin.shard());
    }

    private Stamp stamp(Integer slot, String slots, Long slotEpoch) {
        boolean same = last.epoch() == epoch && last.offset() == offset;
        Position position = new Position(epoch, offset, same ? last.index() + 1 : 0);
        Stamp stamp = new Stamp(origin, position, last, null, slot, slotEpoch, slots, clock.getAsLong(), null);
        last = position;
        return stamp;
    }

    private static State state(byte[] dump) {
        String type = DumpPayload.type(dump, Flavour.REDIS).typeName();
        return new State(type, dump, Flavour.REDIS, DumpPayload.rdbVersion(dump), null, null, null);
    }
}
