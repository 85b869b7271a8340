package io.rediscdc.sink;

import io.lettuce.core.RestoreArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A model of a cluster whose slots move to and fro while it is written to, and of a source that reads it: what each shard
 * executes stands in its stream in that order, and the streams come into the topic as it happens. The shards are databases of a
 * real server, so that values are what they would be.
 */
final class MovingSlots {

    private static final int KEYS = 3;
    private static final String[] TAGS = {"a", "b", "c"};

    /** How long the source may take to see that a slot has moved, ms. */
    private static final long BLIND_MS = 4_000;

    private static final class Node {
        final Deque<Change> stream = new ArrayDeque<>();
        final Origin origin;
        final int db;
        Position last = Position.NONE;
        Position sent = Position.NONE;
        long sentMs;
        long offset = 1_000;
        long epoch;
        long configEpoch;
        SlotRanges said = SlotRanges.NONE;
        long saidEpoch;
        long lookedMs;

        /** For how many steps nothing of its stream comes into the topic. */
        int held;

        Node(int number) {
            origin = new Origin("shard" + number, "127.0.0.1:" + number, null);
            db = number;
        }
    }

    private final Random random;
    private final RedisCommands<String, String> redis;
    private final Node[] nodes;
    private final int[] owners = new int[TAGS.length];

    /** By slot, the shard that imports it, or -1. */
    private final int[] importing = new int[TAGS.length];

    /** By slot, the name of the atomic migration that imports it; null where it is moved key by key. */
    private final String[] atomic = new String[TAGS.length];

    /** Whether an atomic migration leaves no trace in the history of where the keys were, as in Redis; Valkey unlinks each. */
    private final boolean trims;

    /** Whether a shard says it has a slot whose keys are still on their way to it. */
    private final boolean saysImporting;

    private final List<Delivery> topic = new ArrayList<>();
    private long clockMs;
    private long configEpoch;
    private int moves;

    MovingSlots(Random random, RedisCommands<String, String> redis, int shards, long startMs) {
        this.random = random;
        this.redis = redis;
        clockMs = startMs;
        saysImporting = random.nextBoolean();
        trims = random.nextBoolean();
        nodes = new Node[shards];
        for (int i = 0; i < shards; i++) {
            nodes[i] = new Node(i);
            nodes[i].configEpoch = ++configEpoch;
        }
        for (int i = 0; i < TAGS.length; i++) {
            owners[i] = i % shards;
            importing[i] = -1;
        }
        for (Node node : nodes) {
            look(node);
            snapshot(node);
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
            case 2, 3, 4, 5, 6, 7, 8 -> moveKey();
            case 9, 10, 11 -> endMove();
            case 12, 13 -> look(any());
            case 14, 15 -> beat(any());
            case 16 -> clockMs += random.nextInt(15_000);
            case 17 -> {
                if (random.nextInt(4) == 0) {
                    snapshot(any());
                }
            }
            case 18 -> {
                if (random.nextInt(8) == 0) {
                    flush(any());
                }
            }
            default -> write();
        }
        if (random.nextInt(25) == 0) {
            any().held = random.nextInt(60);
        }
        for (Node node : nodes) {
            node.held = Math.max(0, node.held - 1);
        }
        send(random.nextInt(4));
    }

    /** All slots come to rest, and everything into the topic. */
    void settle() {
        for (int i = 0; i < 1_000 && Stream.of(0, 1, 2).anyMatch(slot -> importing[slot] >= 0); i++) {
            moveKey();
            endMove();
        }
        for (int i = 0; i < 5; i++) {
            clockMs += 6_000;
            for (Node node : nodes) {
                look(node);
                beat(node);
            }
        }
        for (Node node : nodes) {
            node.held = 0;
        }
        send(Integer.MAX_VALUE);
    }

    /** Heartbeats only. */
    void rest() {
        clockMs += 5_000;
        for (Node node : nodes) {
            beat(node);
        }
        send(Integer.MAX_VALUE);
    }

    /** A shard that has the key answers. */
    void answer(ChangeKey asked) {
        int slot = slot(asked);
        int holder = holder(slot, asked.key());
        if (importing[slot] >= 0 && atomic[slot] == null && !exists(holder, asked.key())) {
            return; // it may come into being at either
        }
        Node node = nodes[holder];
        byte[] dump = dump(node, asked.key());
        Stamp stamp = stamp(node, slotOf(asked.key()), null, null).readAt(node.offset);
        node.stream.add(dump == null ? Change.del(asked, stamp) : Change.set(asked, stamp, state(dump)));
    }

    /** Any key, as somebody else may ask for it. */
    ChangeKey anyKey() {
        int slot = random.nextInt(TAGS.length);
        for (int i = 0; i < 3 && atomic[slot] == null; i++) {
            slot = random.nextInt(TAGS.length); // rather one that is on its way
        }
        return new ChangeKey(0, bytes(key(slot, random.nextInt(2 * KEYS))));
    }

    /** What all shards have together: key, then type and value as DEBUG DIGEST-VALUE would tell them apart. */
    List<String> contents() {
        List<String> contents = new ArrayList<>();
        for (int slot = 0; slot < TAGS.length; slot++) {
            for (int i = 0; i < 2 * KEYS; i++) {
                redis.select(owners[slot]);
                contents.add(key(slot, i) + " " + value(redis, key(slot, i)));
            }
        }
        redis.select(0);
        return contents;
    }

    /** Of a target, in which a function finds the value of a key. */
    static List<String> contentsOf(UnaryOperator<String> target) {
        List<String> contents = new ArrayList<>();
        for (int slot = 0; slot < TAGS.length; slot++) {
            for (int i = 0; i < 2 * KEYS; i++) {
                contents.add(key(slot, i) + " " + target.apply(key(slot, i)));
            }
        }
        return contents;
    }

    /** One of the slots that its keys are in. */
    static int anySlot(Random random) {
        return slotOf(bytes("{" + TAGS[random.nextInt(TAGS.length)] + "}"));
    }

    static String value(RedisCommands<String, String> from, String key) {
        String type = from.type(key);
        return switch (type) {
            case "string" -> from.get(key);
            case "list" -> from.lrange(key, 0, -1).toString();
            default -> type;
        };
    }

    private void write() {
        int slot = random.nextInt(TAGS.length);
        int number = random.nextInt(2 * KEYS);
        String key = key(slot, number);
        Node node = nodes[holder(slot, bytes(key))];
        boolean list = number >= KEYS;
        switch (random.nextInt(8)) {
            case 0 -> {
                if (exists(node.db, bytes(key))) {
                    execute(slot, node, "DEL", key);
                }
            }
            case 1 -> {
                String other = key(slot, list ? KEYS : 0);
                // Both at the same shard, or the server would say TRYAGAIN.
                if (!other.equals(key)
                        && exists(node.db, bytes(key))
                        && node == nodes[holder(slot, bytes(other))]
                        && (importing[slot] < 0 || atomic[slot] != null)) {
                    execute(slot, node, "RENAME", key, other);
                }
            }
            case 2 -> {
                if (!list) {
                    execute(slot, node, "SET", key, Integer.toString(random.nextInt(1_000)));
                }
            }
            default -> {
                if (list) {
                    execute(slot, node, "RPUSH", key, Integer.toString(random.nextInt(100)));
                } else {
                    execute(slot, node, "INCR", key);
                }
            }
        }
    }

    private void beginMove() {
        int slot = random.nextInt(TAGS.length);
        if (importing[slot] < 0) {
            int to = random.nextInt(nodes.length);
            importing[slot] = to == owners[slot] ? -1 : to;
            if (importing[slot] >= 0 && random.nextBoolean()) {
                beginAtomic(slot);
            }
        }
    }

    /** All keys are copied by what makes them, into the history of where they come to. */
    private void beginAtomic(int slot) {
        Node from = nodes[owners[slot]];
        Node to = nodes[importing[slot]];
        atomic[slot] = "migration" + clockMs + "-" + slot;
        record(to, begin(slot));
        for (int i = 0; i < 2 * KEYS; i++) {
            String key = key(slot, i);
            redis.select(from.db);
            String type = redis.type(key);
            if (type.equals("string")) {
                execute(to, "SET", key, redis.get(key));
            } else if (type.equals("list")) {
                List<String> args = new ArrayList<>(List.of("RPUSH", key));
                args.addAll(redis.lrange(key, 0, -1));
                execute(to, args.toArray(String[]::new));
            }
        }
    }

    private void endAtomic(int slot, boolean success) {
        int from = owners[slot];
        int to = importing[slot];
        String state = success ? "SUCCESS" : "FAILED";
        record(
                nodes[to],
                trims
                        ? task(slot, success ? "completed" : "failed")
                        : new String[] {"CLUSTER", "SYNCSLOTS", "FINISH", "STATE", state, "NAME", atomic[slot]});
        importing[slot] = -1;
        atomic[slot] = null;
        if (success) {
            owners[slot] = to;
            nodes[to].configEpoch = ++configEpoch;
            moves++;
        }
        Node left = nodes[success ? from : to];
        for (int i = 0; i < 2 * KEYS; i++) {
            String key = key(slot, i);
            if (exists(left.db, bytes(key))) {
                redis.select(left.db);
                redis.unlink(key);
                if (!trims) {
                    record(left, "UNLINK", key);
                }
            }
        }
    }

    private String[] begin(int slot) {
        String number = Integer.toString(slotOf(bytes("{" + TAGS[slot] + "}")));
        return trims
                ? task(slot, "connecting")
                : new String[] {
                    "CLUSTER",
                    "SYNCSLOTS",
                    "ESTABLISH",
                    "SOURCE",
                    "x",
                    "NAME",
                    atomic[slot],
                    "SLOTSRANGE",
                    number,
                    number
                };
    }

    private String[] task(int slot, String state) {
        int number = slotOf(bytes("{" + TAGS[slot] + "}"));
        return new String[] {
            "CLUSTER",
            "SYNCSLOTS",
            "CONF",
            "ASM-TASK",
            atomic[slot] + ":x:y:import:" + state + ":" + number + "-" + number
        };
    }

    private void moveKey() {
        int slot = random.nextInt(TAGS.length);
        if (importing[slot] < 0 || atomic[slot] != null) {
            return;
        }
        Node from = nodes[owners[slot]];
        Node to = nodes[importing[slot]];
        for (int i = 0; i < 2 * KEYS; i++) {
            byte[] key = bytes(key(slot, i));
            byte[] dump = dump(from, key);
            if (dump != null && random.nextInt(3) > 0) {
                redis.select(to.db);
                redis.restore(key(slot, i), dump, RestoreArgs.Builder.ttl(0).replace());
                byte[][] restore = {bytes("RESTORE-ASKING"), key, bytes("0"), dump, bytes("REPLACE")};
                record(to, restore);
                execute(from, "DEL", key(slot, i));
            }
        }
    }

    private void endMove() {
        int slot = random.nextInt(TAGS.length);
        if (importing[slot] < 0) {
            return;
        }
        if (atomic[slot] != null) {
            endAtomic(slot, random.nextInt(5) > 0);
            return;
        }
        for (int i = 0; i < 2 * KEYS; i++) {
            if (exists(owners[slot], bytes(key(slot, i)))) {
                return;
            }
        }
        owners[slot] = importing[slot];
        importing[slot] = -1;
        nodes[owners[slot]].configEpoch = ++configEpoch;
        moves++;
    }

    /** The source asks which slots a shard has; its history is told of that later. */
    private void look(Node node) {
        BitSet slots = new BitSet();
        for (int i = 0; i < TAGS.length; i++) {
            if (nodes[owners[i]] == node
                    || (saysImporting && importing[i] >= 0 && atomic[i] == null && nodes[importing[i]] == node)) {
                slots.set(slotOf(bytes("{" + TAGS[i] + "}")));
            }
        }
        node.said = SlotRanges.of(slots);
        node.saidEpoch = node.configEpoch;
        node.lookedMs = clockMs;
    }

    private void beat(Node node) {
        if (clockMs - node.lookedMs > BLIND_MS) {
            look(node);
        }
        boolean owning = random.nextBoolean() || clockMs == node.lookedMs;
        node.offset += 20;
        Stamp stamp = stamp(node, null, owning ? node.said.toString() : null, owning ? (Long) node.saidEpoch : null);
        node.stream.add(Change.heartbeat(ChangeKey.control(0, Op.HEARTBEAT, node.origin.shard()), stamp));
    }

    /** What has not been sent is lost; all keys of the shard come instead. */
    private void snapshot(Node node) {
        node.stream.clear();
        node.last = node.sent;
        node.epoch++;
        look(node);
        Stamp begin = stamp(node, null, node.said.toString(), node.saidEpoch);
        node.stream.add(Change.snapshot(
                ChangeKey.control(0, Op.SNAPSHOT_BEGIN, node.origin.shard()),
                Op.SNAPSHOT_BEGIN,
                begin,
                SnapshotMark.begin("7.0.15", 1, null)));
        for (int slot = 0; slot < TAGS.length; slot++) {
            if (atomic[slot] != null && nodes[importing[slot]] == node) {
                record(node, begin(slot)); // the snapshot says so, too
            }
        }
        long keys = 0;
        for (int slot = 0; slot < TAGS.length; slot++) {
            for (int i = 0; i < 2 * KEYS; i++) {
                byte[] key = bytes(key(slot, i));
                byte[] dump = dump(node, key);
                if (dump != null) {
                    node.stream.add(
                            Change.set(new ChangeKey(0, key), stamp(node, slotOf(key), null, null), state(dump)));
                    keys++;
                }
            }
        }
        node.stream.add(Change.snapshot(
                ChangeKey.control(0, Op.SNAPSHOT_END, node.origin.shard()),
                Op.SNAPSHOT_END,
                stamp(node, null, null, null),
                SnapshotMark.end(List.of(keys))));
    }

    private void flush(Node node) {
        for (int slot = 0; slot < TAGS.length; slot++) {
            if (atomic[slot] != null && (nodes[owners[slot]] == node || nodes[importing[slot]] == node)) {
                endAtomic(slot, false);
            }
        }
        redis.select(node.db);
        redis.flushdb();
        node.offset += 18;
        Stamp stamp = stamp(node, null, node.said.toString(), null);
        node.stream.add(Change.executable(
                ChangeKey.control(0, Op.FLUSH, node.origin.shard()),
                Op.FLUSH,
                stamp,
                new Command(new byte[][] {bytes("FLUSHALL")}, new int[0], null)));
    }

    /** What a user writes comes to the importer, too, while the slot is on its way as a whole. */
    private void execute(int slot, Node node, String... args) {
        execute(node, args);
        if (atomic[slot] != null) {
            execute(nodes[importing[slot]], args);
        }
    }

    private void execute(Node node, String... args) {
        byte[][] bytes = Stream.of(args).map(MovingSlots::bytes).toArray(byte[][]::new);
        redis.select(node.db);
        CommandArgs<String, String> rest = new CommandArgs<>(io.lettuce.core.codec.StringCodec.UTF8);
        for (int i = 1; i < args.length; i++) {
            rest.add(args[i]);
        }
        redis.dispatch(
                CommandType.valueOf(args[0]),
                new io.lettuce.core.output.ArrayOutput<>(io.lettuce.core.codec.StringCodec.UTF8),
                rest);
        record(node, bytes);
    }

    private void record(Node node, String... args) {
        record(node, Stream.of(args).map(MovingSlots::bytes).toArray(byte[][]::new));
    }

    private void record(Node node, byte[][] args) {
        node.offset += 37;
        int[] keys = CommandTable.standard().spec(args).keys(args);
        if (keys.length == 0) {
            node.stream.add(Change.executable(
                    ChangeKey.control(0, Op.COMMAND, node.origin.shard()),
                    Op.COMMAND,
                    stamp(node, null, null, null),
                    new Command(args, keys, null)));
            return;
        }
        Stamp stamp = stamp(node, slotOf(args[keys[0]]), null, null);
        node.stream.add(
                Change.executable(new ChangeKey(0, args[keys[0]]), Op.COMMAND, stamp, new Command(args, keys, null)));
    }

    private Stamp stamp(Node node, Integer slot, String slots, Long epoch) {
        boolean same = node.last.epoch() == node.epoch && node.last.offset() == node.offset;
        Position position = new Position(node.epoch, node.offset, same ? node.last.index() + 1 : 0);
        Stamp stamp = new Stamp(node.origin, position, node.last, null, slot, epoch, slots, clockMs, null);
        node.last = position;
        return stamp;
    }

    private void send(int most) {
        int rest = most;
        while (rest > 0 && Stream.of(nodes).anyMatch(node -> !node.stream.isEmpty())) {
            Node node = any();
            int run = node.held > 0 ? 0 : 1 + random.nextInt(12);
            while (run-- > 0 && !node.stream.isEmpty()) {
                if (random.nextInt(10) == 0) {
                    sayAhead(node);
                }
                Change change = after(node.sent, node.stream.remove());
                node.sent = change.stamp().position();
                node.sentMs = change.stamp().tsMs();
                topic.add(new Delivery(Feed.PARTITION, topic.size(), change));
            }
            rest--;
        }
    }

    /** A source that is behind says what a shard owns now, where its history is not yet. */
    private void sayAhead(Node node) {
        Change next = node.stream.element();
        boolean hasRoom = next.stamp().position().epoch() == node.sent.epoch()
                && next.stamp().position().offset() > node.sent.offset() + 1;
        if (hasRoom) {
            look(node);
            Position position = new Position(node.epoch, node.sent.offset() + 1, 0);
            Stamp stamp = new Stamp(
                    node.origin,
                    position,
                    node.sent,
                    null,
                    null,
                    node.saidEpoch,
                    node.said.toString(),
                    node.sentMs,
                    null);
            topic.add(new Delivery(
                    Feed.PARTITION,
                    topic.size(),
                    Change.heartbeat(ChangeKey.control(0, Op.HEARTBEAT, node.origin.shard()), stamp)));
            node.sent = position;
        }
    }

    /** The same, linked to what has come before it. */
    private static Change after(Position sent, Change change) {
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
        return new Change(change.key(), change.op(), linked, change.state(), change.command(), change.snapshot());
    }

    /** The shard that a client is sent to: where the key is, or may be made. */
    private int holder(int slot, byte[] key) {
        return importing[slot] >= 0 && atomic[slot] == null && !exists(owners[slot], key)
                ? importing[slot]
                : owners[slot];
    }

    private boolean exists(int db, byte[] key) {
        redis.select(db);
        return redis.exists(new String(key, StandardCharsets.UTF_8)) > 0;
    }

    private byte[] dump(Node node, byte[] key) {
        redis.select(node.db);
        return redis.dump(new String(key, StandardCharsets.UTF_8));
    }

    private Node any() {
        return nodes[random.nextInt(nodes.length)];
    }

    private static State state(byte[] dump) {
        String type = DumpPayload.type(dump, Flavour.REDIS).typeName();
        return new State(type, dump, Flavour.REDIS, DumpPayload.rdbVersion(dump), null, null, null);
    }

    private static int slot(ChangeKey key) {
        String text = new String(key.key(), StandardCharsets.UTF_8);
        return text.charAt(1) - 'a';
    }

    private static Integer slotOf(byte[] key) {
        return Slot.of(key);
    }

    private static String key(int slot, int number) {
        return "{" + TAGS[slot] + "}" + (number < KEYS ? "count" : "list") + number;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
