package io.rediscdc.sink;

import static io.rediscdc.sink.ModelKeys.KEYS;
import static io.rediscdc.sink.ModelKeys.bytes;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/**
 * A model of a cluster whose slots move to and fro while it is written to, and of a source that reads it: what each shard
 * executes stands in its history in that order, and the histories come into the topic as it happens.
 */
final class MovingSlots {

    private final Random random;
    private final ModelKeys keys;
    private final List<ModelShard> shards = new ArrayList<>();
    private final List<ModelSlot> slots = new ArrayList<>();

    /** Whether atomic migrations are those of Redis. */
    private final boolean trims;

    /** Whether a shard says it has a slot whose keys are still on their way to it. */
    private final boolean saysImporting;

    private final List<Delivery> topic = new ArrayList<>();
    private long clockMs;
    private long configEpoch;
    private int moves;

    MovingSlots(Random random, RedisCommands<String, String> redis, int size, long startMs) {
        this.random = random;
        keys = new ModelKeys(redis);
        clockMs = startMs;
        saysImporting = random.nextBoolean();
        trims = random.nextBoolean();
        for (int i = 0; i < size; i++) {
            ModelShard shard = new ModelShard(i, () -> clockMs);
            shard.hasSlotsUnder(++configEpoch);
            shards.add(shard);
        }
        for (int i = 0; i < ModelKeys.SLOTS; i++) {
            slots.add(new ModelSlot(i, shards.get(i % size)));
        }
        for (ModelShard shard : shards) {
            look(shard);
            snapshot(shard);
        }
    }

    /** The topic so far. */
    List<Delivery> topic() {
        return topic;
    }

    long clockMs() {
        return clockMs;
    }

    int moves() {
        return moves;
    }

    /** Something happens. */
    void step() {
        clockMs += random.nextInt(300);
        switch (random.nextInt(40)) {
            case 0, 1 -> beginMove();
            case 2, 3, 4, 5, 6, 7, 8 -> moveKeys();
            case 9, 10, 11 -> endMove();
            case 12, 13 -> look(anyShard());
            case 14, 15 -> beat(anyShard());
            case 16 -> clockMs += random.nextInt(15_000);
            case 17 -> {
                if (random.nextInt(4) == 0) {
                    snapshot(anyShard());
                }
            }
            case 18 -> {
                if (random.nextInt(8) == 0) {
                    flush(anyShard());
                }
            }
            default -> write();
        }
        if (random.nextInt(25) == 0) {
            anyShard().hold(random.nextInt(60));
        }
        shards.forEach(ModelShard::step);
        send(random.nextInt(4));
    }

    /** All slots come to rest, and everything into the topic. */
    void settle() {
        for (int i = 0; i < 1_000 && slots.stream().anyMatch(ModelSlot::isMoving); i++) {
            moveKeys();
            endMove();
        }
        for (int i = 0; i < 5; i++) {
            clockMs += 6_000;
            for (ModelShard shard : shards) {
                look(shard);
                beat(shard);
            }
        }
        shards.forEach(shard -> shard.hold(0));
        send(Integer.MAX_VALUE);
    }

    /** Heartbeats only. */
    void rest() {
        clockMs += 5_000;
        shards.forEach(this::beat);
        send(Integer.MAX_VALUE);
    }

    /** A shard that has the key answers. */
    void answer(ChangeKey asked) {
        ModelSlot slot = slots.get(ModelKeys.slot(asked.key()));
        String key = new String(asked.key(), StandardCharsets.UTF_8);
        ModelShard holder = holder(slot, key);
        if (slot.isMovingByKeys() && !keys.exists(holder.db(), key)) {
            return; // it may come into being at either
        }
        holder.answer(asked, keys.dump(holder.db(), key));
    }

    /** Any key, as somebody else may ask for it. */
    ChangeKey anyKey() {
        ModelSlot slot = anySlot();
        for (int i = 0; i < 3 && !slot.isMovingAsAWhole(); i++) {
            slot = anySlot(); // rather one that is on its way
        }
        return new ChangeKey(0, bytes(slot.key(random.nextInt(KEYS))));
    }

    /** What all shards have together. */
    List<String> contents() {
        return keys.contents(slots);
    }

    private void write() {
        ModelSlot slot = anySlot();
        int number = random.nextInt(KEYS);
        String key = slot.key(number);
        ModelShard shard = holder(slot, key);
        boolean list = ModelKeys.isList(number);
        switch (random.nextInt(8)) {
            case 0 -> {
                if (keys.exists(shard.db(), key)) {
                    execute(slot, shard, "DEL", key);
                }
            }
            case 1 -> {
                String other = slot.key(list ? KEYS / 2 : 0);
                // Both at the same shard, or the server would say TRYAGAIN.
                if (!other.equals(key)
                        && keys.exists(shard.db(), key)
                        && shard == holder(slot, other)
                        && !slot.isMovingByKeys()) {
                    execute(slot, shard, "RENAME", key, other);
                }
            }
            case 2 -> {
                if (!list) {
                    execute(slot, shard, "SET", key, Integer.toString(random.nextInt(1_000)));
                }
            }
            default -> {
                if (list) {
                    execute(slot, shard, "RPUSH", key, Integer.toString(random.nextInt(100)));
                } else {
                    execute(slot, shard, "INCR", key);
                }
            }
        }
    }

    private void beginMove() {
        ModelSlot slot = anySlot();
        if (slot.isMoving()) {
            return;
        }
        ModelShard to = anyShard();
        if (to != slot.owner()) {
            slot.beginMove(to);
            if (random.nextBoolean()) {
                beginAtomic(slot);
            }
        }
    }

    /** All keys are copied by what makes them, into the history of where they come to. */
    private void beginAtomic(ModelSlot slot) {
        slot.begin(new AtomicMove("migration" + clockMs + "-" + slot.number(), slot.hashSlot(), trims));
        slot.importer().record(slot.atomic().begin());
        for (int i = 0; i < KEYS; i++) {
            String[] maker = keys.maker(slot.owner().db(), slot.key(i));
            if (maker != null) {
                execute(slot.importer(), maker);
            }
        }
    }

    private void endAtomic(ModelSlot slot, boolean success) {
        ModelShard left = success ? slot.owner() : slot.importer();
        slot.importer().record(slot.atomic().end(success));
        end(slot, success);
        for (int i = 0; i < KEYS; i++) {
            String key = slot.key(i);
            if (keys.exists(left.db(), key)) {
                keys.unlink(left.db(), key);
                if (!trims) {
                    left.record("UNLINK", key);
                }
            }
        }
    }

    private void moveKeys() {
        ModelSlot slot = anySlot();
        if (!slot.isMovingByKeys()) {
            return;
        }
        ModelShard from = slot.owner();
        ModelShard to = slot.importer();
        for (int i = 0; i < KEYS; i++) {
            String key = slot.key(i);
            byte[] dump = keys.dump(from.db(), key);
            if (dump != null && random.nextInt(3) > 0) {
                keys.restore(to.db(), key, dump);
                to.record(bytes("RESTORE-ASKING"), bytes(key), bytes("0"), dump, bytes("REPLACE"));
                execute(from, "DEL", key);
            }
        }
    }

    private void endMove() {
        ModelSlot slot = anySlot();
        if (!slot.isMoving()) {
            return;
        }
        if (slot.isMovingAsAWhole()) {
            endAtomic(slot, random.nextInt(5) > 0);
            return;
        }
        for (int i = 0; i < KEYS; i++) {
            if (keys.exists(slot.owner().db(), slot.key(i))) {
                return;
            }
        }
        end(slot, true);
    }

    private void end(ModelSlot slot, boolean success) {
        slot.endMove(success);
        if (success) {
            slot.owner().hasSlotsUnder(++configEpoch);
            moves++;
        }
    }

    /** The source asks which slots a shard has. */
    private void look(ModelShard shard) {
        BitSet owned = new BitSet();
        for (ModelSlot slot : slots) {
            if (slot.owner() == shard || (saysImporting && slot.isMovingByKeys() && slot.importer() == shard)) {
                owned.set(slot.hashSlot());
            }
        }
        shard.look(SlotRanges.of(owned));
    }

    private void beat(ModelShard shard) {
        if (shard.hasToLook()) {
            look(shard);
        }
        shard.beat(random.nextBoolean());
    }

    /** What has not been sent is lost; all keys of the shard come instead. */
    private void snapshot(ModelShard shard) {
        shard.forgetUnsent();
        look(shard);
        shard.beginSnapshot();
        for (ModelSlot slot : slots) {
            if (slot.isMovingAsAWhole() && slot.importer() == shard) {
                shard.record(slot.atomic().begin()); // the snapshot says so, too
            }
        }
        long count = 0;
        for (ModelSlot slot : slots) {
            for (int i = 0; i < KEYS; i++) {
                byte[] dump = keys.dump(shard.db(), slot.key(i));
                if (dump != null) {
                    shard.addToSnapshot(bytes(slot.key(i)), dump);
                    count++;
                }
            }
        }
        shard.endSnapshot(count);
    }

    private void flush(ModelShard shard) {
        for (ModelSlot slot : slots) {
            if (slot.isMovingAsAWhole() && (slot.owner() == shard || slot.importer() == shard)) {
                endAtomic(slot, false);
            }
        }
        keys.flush(shard.db());
        shard.recordFlush();
    }

    /** What a user writes comes to the importer, too, while the slot is on its way as a whole. */
    private void execute(ModelSlot slot, ModelShard shard, String... command) {
        execute(shard, command);
        if (slot.isMovingAsAWhole()) {
            execute(slot.importer(), command);
        }
    }

    private void execute(ModelShard shard, String... command) {
        keys.execute(shard.db(), command);
        shard.record(command);
    }

    /** Of some shards, some of what is not in the topic yet. */
    private void send(int most) {
        for (int rest = most; rest > 0 && shards.stream().anyMatch(ModelShard::hasMore); rest--) {
            ModelShard shard = anyShard();
            int run = shard.isHeld() ? 0 : 1 + random.nextInt(12);
            while (run-- > 0 && shard.hasMore()) {
                if (random.nextInt(10) == 0 && shard.hasRoom()) {
                    look(shard);
                    deliver(shard.sayAhead());
                }
                deliver(shard.send());
            }
        }
    }

    private void deliver(Change change) {
        topic.add(new Delivery(Feed.PARTITION, topic.size(), change));
    }

    /** The shard that a client is sent to: where the key is, or may be made. */
    private ModelShard holder(ModelSlot slot, String key) {
        return slot.isMovingByKeys() && !keys.exists(slot.owner().db(), key) ? slot.importer() : slot.owner();
    }

    private ModelShard anyShard() {
        return shards.get(random.nextInt(shards.size()));
    }

    private ModelSlot anySlot() {
        return slots.get(random.nextInt(slots.size()));
    }
}
