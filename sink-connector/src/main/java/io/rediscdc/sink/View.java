package io.rediscdc.sink;

import io.rediscdc.command.SlotImport;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.model.Stamp;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * From which shard's history the changes of a key are taken, where there are several that are in no order with each other: that
 * of the only shard that claims the key's slot; for a key that has moved, that of the shard which said last how it is there.
 * Where two shards claim a slot, or none does, it is nobody's. docs/cluster.md says why that is enough.
 *
 * <p>Of a source that is no cluster no shard names slots: then all is in view. Not thread-safe.
 */
final class View {

    /** A shard that is silent for that long has been replaced, if another one of a greater epoch has its slots. */
    private static final long SILENCE_MS = 600_000;

    private final CheckpointKey key;
    private final int partition;

    /** Number of the topic's partitions as the source says; 0 where it is no cluster. */
    private int partitions;

    private final Map<String, ClaimedSlots> claims = new HashMap<>();

    /** Slots on their way to any shard by an atomic migration. */
    private final BitSet arriving = new BitSet(Slot.COUNT);

    /** Those of which the record that was seen last says that this is over; null for none. */
    private BitSet arrived;

    /** By slot, the only shard that claims it; null for none. */
    private final String[] owners = new String[Slot.COUNT];

    /** Keys that are taken from another shard than the others of their slot. */
    private final Map<ChangeKey, String> moved = new HashMap<>();

    /** What the target is to be told of them: the shard, or null for one that is no exception any more. */
    private final Map<ChangeKey, String> news = new LinkedHashMap<>();

    View(CheckpointKey key) {
        this.key = key;
        this.partition = key.partition().partition();
    }

    /** Begins where a checkpoint stands. */
    void startAt(Checkpoint checkpoint, TargetConnection target) {
        partitions = checkpoint.partitions();
        claims.clear();
        moved.clear();
        news.clear();
        checkpoint.shards().forEach((shard, point) -> {
            if (point.slots() != null) {
                claims.put(shard, new ClaimedSlots(point.slots()));
            }
        });
        assignSlots();
        sumArriving();
        if (isOn()) {
            target.reader()
                    .hash(key.moved())
                    .forEach((moving, shard) ->
                            moved.put(RepairRequest.parse(moving), new String(shard, StandardCharsets.UTF_8)));
        }
    }

    /** Whether the source is a cluster. */
    boolean isOn() {
        return partitions > 0;
    }

    /** As the source says, 0 where it is no cluster. */
    int partitions() {
        return partitions;
    }

    /** What a shard claims, null if it has never said. */
    SlotClaim claim(String shard) {
        ClaimedSlots claimed = claims.get(shard);
        return claimed == null ? null : claimed.claim();
    }

    /** The shard whose changes of a key are applied, null for none. */
    String of(ChangeKey wanted) {
        return of(wanted, Slot.of(wanted.key()));
    }

    /** The same where its slot is known. */
    String of(ChangeKey wanted, int slot) {
        String exception = moved.isEmpty() ? null : moved.get(wanted);
        return exception != null ? exception : owners[slot];
    }

    /** Whether the changes of a key come in this partition. */
    boolean isHere(byte[] wanted) {
        return !isOn() || Slot.partition(Slot.of(wanted), partitions) == partition;
    }

    /** Whether the functions of a shard are taken: those of all are alike, and one in one partition is enough. */
    boolean takesFunctionsOf(String shard) {
        return partition == 0 && shard.equals(ofFunctions());
    }

    private String ofFunctions() {
        String greatest = null;
        for (Map.Entry<String, ClaimedSlots> each : claims.entrySet()) {
            boolean first = each.getValue().slots().get(0);
            if (first
                    && (greatest == null
                            || each.getValue().epoch() > claims.get(greatest).epoch())) {
                greatest = each.getKey();
            }
        }
        return greatest;
    }

    /** No record of any other shard that was seen was received at the source after that, ms since 1970. */
    long seenOfOthersMs(String shard) {
        long latest = Long.MIN_VALUE;
        for (Map.Entry<String, ClaimedSlots> each : claims.entrySet()) {
            if (!each.getKey().equals(shard)) {
                latest = Math.max(latest, each.getValue().seenMs());
            }
        }
        return latest;
    }

    /**
     * Sees what comes next.
     *
     * @throws RedisCdcException CONFIG if it belongs into another partition
     */
    void see(Delivery delivery) {
        Change change = delivery.change();
        Stamp stamp = change.stamp();
        if (stamp.slots() != null && (change.op() == Op.SNAPSHOT_BEGIN || change.op() == Op.HEARTBEAT)) {
            if (change.op() == Op.SNAPSHOT_BEGIN && change.snapshot().partitions() != null) {
                pin(change.snapshot().partitions(), delivery);
            }
            claim(stamp);
        }
        if (!isOn()) {
            return;
        }
        int slot = FirstSlot.of(change);
        if (slot >= 0 && Slot.partition(slot, partitions) != partition) {
            throw misplaced("has a key of partition " + Slot.partition(slot, partitions), delivery);
        }
        String shard = stamp.origin().shard();
        ClaimedSlots claimed = claims.computeIfAbsent(shard, unknown -> new ClaimedSlots());
        boolean isAnswer = stamp.asOf() != null;
        claimed.see(isAnswer ? -1 : slot, stamp.tsMs());
        if (change.op() == Op.SNAPSHOT_BEGIN) {
            claimed.endImports(); // their end may not be in the history
        }
        SlotImport mark = slotImport(change);
        if (mark != null) {
            claimed.see(mark, stamp.tsMs());
        }
        if (claimed.pass(stamp.tsMs())) {
            assignSlots();
        }
        if (claimed.takeImportsChanged()) {
            sumArriving();
            arrived = claimed.takeArrived();
        }
    }

    /** What a record says of slots that are on their way, null for nothing. */
    private static SlotImport slotImport(Change change) {
        boolean keyless = change.op() == Op.COMMAND && change.command().keys().length == 0;
        return keyless ? SlotImport.of(change.command().args()) : null;
    }

    private void sumArriving() {
        arriving.clear();
        claims.values().forEach(each -> arriving.or(each.importing()));
    }

    /** Whether a slot is on its way to a shard by an atomic migration. */
    boolean isArriving(int slot) {
        return arriving.get(slot);
    }

    /** Whether it is on its way to that one. */
    boolean isImportedBy(String shard, int slot) {
        return arriving.get(slot) && claims.get(shard).importing().get(slot);
    }

    /** Slots of which the record that was seen last says that their migration to its shard is over; null for none. */
    BitSet takeArrived() {
        BitSet taken = arrived;
        arrived = null;
        return taken;
    }

    private void claim(Stamp stamp) {
        ClaimedSlots claimed = claims.computeIfAbsent(stamp.origin().shard(), unknown -> new ClaimedSlots());
        boolean changed = claimed.owns(SlotRanges.parse(stamp.slots()), stamp.slotEpoch(), stamp.tsMs());
        claimed.see(-1, stamp.tsMs());
        for (ClaimedSlots other : claims.values()) {
            changed |= other != claimed && other.yieldTo(claimed, SILENCE_MS);
        }
        if (changed) {
            assignSlots();
        }
    }

    private void pin(int stated, Delivery begin) {
        if (partitions > 0 && stated != partitions) {
            throw misplaced("begins a snapshot for " + stated + " partitions", begin);
        }
        if (partition >= stated) {
            throw misplaced("is of a topic with " + stated + " partitions", begin);
        }
        partitions = stated;
    }

    private RedisCdcException misplaced(String what, Delivery delivery) {
        return new RedisCdcException(
                Category.CONFIG,
                "the record at " + delivery.place() + " " + what + ", but the slots of this topic are spread over "
                        + partitions
                        + ": a key's history has to stay in one partition. Set the source's topic.partitions back,"
                        + " or give it a new topic; then let it make a new snapshot, and " + Rewind.HOW);
    }

    private void assignSlots() {
        Arrays.fill(owners, null);
        int[] claimants = new int[Slot.COUNT];
        claims.forEach((shard, claimed) -> claimed.slots().stream().forEach(slot -> {
            claimants[slot]++;
            owners[slot] = claimants[slot] == 1 ? shard : null;
        }));
        moved.entrySet().removeIf(each -> {
            boolean agrees = each.getValue().equals(owners[Slot.of(each.getKey().key())]);
            if (agrees) {
                news.put(each.getKey(), null);
            }
            return agrees;
        });
    }

    /** From now on a key is taken from that shard. */
    void take(ChangeKey taken, String shard) {
        if (shard.equals(owners[Slot.of(taken.key())])) {
            if (moved.remove(taken) != null) {
                news.put(taken, null);
            }
        } else if (!shard.equals(moved.put(taken, shard))) {
            news.put(taken, shard);
        }
    }

    /** A key is deleted by the shard that it is taken from: from now on it is taken from its slot's. */
    void release(ChangeKey deleted) {
        if (!moved.isEmpty() && moved.remove(deleted) != null) {
            news.put(deleted, null);
        }
    }

    /** Keys that are taken from another shard than their slot's. */
    int movedKeys() {
        return moved.size();
    }

    /** Adds to a batch what the target is to be told. */
    void note(Batch batch) {
        if (!news.isEmpty()) {
            news.forEach((moving, shard) -> batch.alterHash(
                    key.moved(),
                    RepairRequest.encode(moving),
                    shard == null ? null : shard.getBytes(StandardCharsets.UTF_8)));
            news.clear();
        }
    }
}
