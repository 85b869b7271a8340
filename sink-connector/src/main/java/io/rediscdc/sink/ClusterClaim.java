package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.ReplyException;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims a cluster for a writer of one partition. All checkpoints that there are, in whatever slot, are found and fenced:
 * from then on, nobody else writes. They say of each slot what has been applied to it. Then each node gets new ones, for
 * the slots that it has now: one for those that stay, one for those that are just being moved, to which nothing is applied
 * until that is over. The new ones stand in slots that had none; so a claim that breaks off in between leaves for each
 * slot either the new one or the former. Not thread-safe.
 */
final class ClusterClaim {

    /**
     * What was claimed.
     *
     * @param shares to be written to
     * @param waiting slots to which nothing can be applied yet
     * @param waitingOffset Kafka offset that those need, -1 for nothing applied; only if there are any
     */
    record Claimed(WriterId self, List<SlotShare> shares, SlotRanges waiting, long waitingOffset) {}

    /**
     * A node.
     *
     * @param slots what it says
     * @param stable slots that are its own, and stay
     * @param waiting slots that are its own, and are being moved away; or that two nodes say they have, of one of these
     */
    private record Master(RedisAddress address, NodeSlots slots, SlotRanges stable, SlotRanges waiting) {}

    /**
     * Where a checkpoint is.
     *
     * @param owner of its slot
     * @param importer to which it has been moved before the slot was, null if it has not
     */
    private record Place(RedisAddress owner, RedisAddress importer) {

        boolean asking() {
            return importer != null;
        }

        RedisAddress address() {
            return importer != null ? importer : owner;
        }
    }

    private static final Logger log = LoggerFactory.getLogger(ClusterClaim.class);
    private static final int MAX_CLAIMS = 5;
    private static final int CHUNK = 1_000;
    private static final int WAIT_MS = 500;

    private static final String FENCE = "local w=redis.call('HGET',KEYS[1],'writer') if not w then return {'gone'} end"
            + " if tonumber(string.match(w,'^%d+'))>=tonumber(string.match(ARGV[1],'^%d+')) and w~=ARGV[1] then"
            + " return {'later',w} end redis.call('HSET',KEYS[1],'writer',ARGV[1])"
            + " local all=redis.call('HGETALL',KEYS[1]) table.insert(all,1,'fenced') return all";

    private static final String MEMBERS = "return redis.call('SMEMBERS',KEYS[1])";

    private static final String FIELDS = "return redis.call('HGETALL',KEYS[1])";

    private static final String TAKE = "if redis.call('EXISTS',KEYS[1])==1 then return {'taken'} end"
            + " redis.call('HSET',KEYS[1],'writer',ARGV[1]) return {'free'}";

    private final SinkConfig config;
    private final TopicPartition partition;
    private final ClusterTarget target;

    /** As whom this writer has tried it, be it that it broke off. */
    private final Set<WriterId> attempted = new HashSet<>();

    ClusterClaim(SinkConfig config, TopicPartition partition, ClusterTarget target) {
        this.config = config;
        this.partition = partition;
        this.target = target;
    }

    /**
     * Makes it ours.
     *
     * @param before as whom it was claimed by this writer before, null if it was not
     * @throws RedisCdcException CONNECTION if it has to be tried again; TARGET_REJECTED if it is another writer's by now,
     *     or stuck
     */
    Claimed take(WriterId before) {
        return claim(before, null);
    }

    /** Opens a new generation, which begins at that offset. Whoever writes the flow cannot any more. */
    void rewind(long offset) {
        claim(null, offset);
    }

    /** Slots of which the nodes say that they stay where they are. */
    SlotRanges stable() {
        SlotRanges stable = SlotRanges.NONE;
        for (Master master : masters()) {
            stable = stable.plus(master.stable());
        }
        return stable;
    }

    /**
     * Looks what the nodes say of their slots now.
     *
     * @throws RedisCdcException CONNECTION; a {@link ReclaimException} if somebody else has slots of a share
     */
    void check(List<SlotShare> shares) {
        Map<RedisAddress, NodeSlots> now = new HashMap<>();
        masters().forEach(master -> now.put(master.address(), master.slots()));
        for (SlotShare share : shares) {
            NodeSlots slots = now.get(share.address());
            if (slots == null || !share.slots().minus(slots.owned()).isEmpty()) {
                throw new ReclaimException(partition + ": " + share.address()
                        + " no longer has all slots that are written there; looking who has them");
            }
            share.says(slots.text());
        }
    }

    private Claimed claim(WriterId before, Long rewindTo) {
        for (int i = 0; i < MAX_CLAIMS; i++) {
            List<Master> masters = masters();
            try {
                Claimed claimed = attempt(masters, before, rewindTo);
                if (claimed != null) {
                    return claimed;
                }
            } catch (ReplyException e) {
                masters.forEach(master -> target.disconnect(master.address()));
                throw e;
            }
        }
        throw errors(key(0)).contested(MAX_CLAIMS);
    }

    /** Returns null if others are claiming as well, or slots are being moved. */
    private Claimed attempt(List<Master> masters, WriterId before, Long rewindTo) {
        Map<Integer, Place> places = new TreeMap<>();
        long term = 0;
        for (Map.Entry<Integer, WriterId> found : scan(masters, places).entrySet()) {
            if (before != null && found.getValue().term() > before.term() && !attempted.contains(found.getValue())) {
                throw errors(key(found.getKey())).takenOver(found.getValue().toString(), before);
            }
            term = Math.max(term, found.getValue().term());
        }
        WriterId self = new WriterId(term + 1, UUID.randomUUID().toString());
        attempted.add(self);
        List<ClusterHome> homes = new ArrayList<>();
        for (Map.Entry<Integer, Place> each : places.entrySet()) {
            ClusterHome home = fence(each.getKey(), each.getValue(), self);
            if (home == null) {
                return null;
            }
            if (rewindTo == null && home.checkpoint().stuck() != null) {
                throw errors(home.key()).stuck(home.checkpoint().stuck());
            }
            homes.add(home);
        }
        Writing writing = new Writing(masters, homes, places, self, rewindTo);
        Claimed claimed = writing.write();
        for (WriterId found : scan(masters, new HashMap<>()).values()) {
            if (!found.equals(self)) {
                return null;
            }
        }
        masters.forEach(this::awaitReplica);
        remove(homes, places);
        return claimed;
    }

    private List<Master> masters() {
        Map<RedisAddress, NodeSlots> nodes = new LinkedHashMap<>();
        SlotRanges once = SlotRanges.NONE;
        SlotRanges twice = SlotRanges.NONE;
        for (RedisAddress address : target.masters()) {
            NodeSlots slots = NodeSlots.parse(target.connection(address).ownSlots());
            twice = twice.plus(once.and(slots.owned()));
            once = once.plus(slots.owned());
            nodes.put(address, slots);
        }
        if (!once.equals(SlotRanges.ALL)) {
            throw inFlux(SlotRanges.ALL.minus(once).size() + " slots are served by nobody");
        }
        List<Master> masters = new ArrayList<>();
        SlotRanges unplaced = SlotRanges.ALL;
        for (Map.Entry<RedisAddress, NodeSlots> node : nodes.entrySet()) {
            NodeSlots slots = node.getValue();
            SlotRanges unsettled = slots.leaving().plus(slots.owned().and(twice));
            masters.add(new Master(node.getKey(), slots, slots.owned().minus(unsettled), unsettled.and(unplaced)));
            unplaced = unplaced.minus(slots.owned());
        }
        return masters;
    }

    private RedisCdcException inFlux(String why) {
        return new RedisCdcException(
                Category.CONNECTION, config.connection().server() + " cannot be written to now: " + why);
    }

    /** Who wrote the checkpoints that there are, by slot. */
    private Map<Integer, WriterId> scan(List<Master> masters, Map<Integer, Place> places) {
        Map<Integer, WriterId> found = new TreeMap<>();
        for (Master master : masters) {
            List<Integer> slots = master.slots().owned().stream().boxed().toList();
            CommandBuffer questions = new CommandBuffer();
            slots.forEach(slot -> Checkpoint.readWriter(questions, key(slot)));
            BatchReplies replies = target.connection(master.address()).ask(questions);
            Map<Integer, String> refusals = new HashMap<>();
            replies.errors().forEach((ErrorReply error) -> refusals.put(error.reply(), error.text()));
            int bulk = 0;
            for (int i = 0; i < slots.size(); i++) {
                String refusal = refusals.get(i);
                Place place = new Place(master.address(), null);
                byte[] writer = null;
                if (refusal == null) {
                    writer = replies.bulks().get(bulk++);
                } else if (refusal.startsWith("ASK ")) {
                    place = new Place(master.address(), RedisAddress.parse(refusal.split(" ", -1)[2]));
                    List<byte[]> answer = target.connection(place.address())
                            .evaluate(
                                    true,
                                    "return {redis.call('HGET',KEYS[1],'writer')}",
                                    key(slots.get(i)).bytes());
                    writer = answer.isEmpty() ? null : answer.get(0);
                } else {
                    throw inFlux(refusal);
                }
                if (writer != null) {
                    found.put(slots.get(i), WriterId.parse(new String(writer, StandardCharsets.UTF_8)));
                    places.put(slots.get(i), place);
                }
            }
        }
        return found;
    }

    /** Null if somebody else is faster. */
    private ClusterHome fence(int slot, Place place, WriterId self) {
        CheckpointKey key = key(slot);
        TargetConnection node = target.connection(place.address());
        List<byte[]> answer = node.evaluate(place.asking(), FENCE, key.bytes(), utf8(self.toString()));
        if (!text(answer.get(0)).equals("fenced")) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 1; i + 1 < answer.size(); i += 2) {
            fields.put(text(answer.get(i)), text(answer.get(i + 1)));
        }
        List<ChangeKey> owed = new ArrayList<>();
        read(place, MEMBERS, key.repairs()).forEach(each -> owed.add(RepairRequest.parse(each)));
        if (!fields.containsKey("format")) {
            fields.clear(); // taken, and then the claim broke off
        }
        return ClusterHome.parse(slot, key, fields, owed, read(place, FIELDS, key.moved()));
    }

    /** What stands beside a checkpoint. Where the slot is just being moved, it may be there already, or here still. */
    private List<byte[]> read(Place place, String script, byte[] key) {
        try {
            return target.connection(place.owner()).evaluate(false, script, key);
        } catch (ReplyException e) {
            if (!e.code().equals("ASK")) {
                throw e;
            }
            return target.connection(RedisAddress.parse(e.redirection())).evaluate(true, script, key);
        }
    }

    /** So that a failover of the next moment knows of the claim. */
    private void awaitReplica(Master master) {
        TargetConnection node = target.connection(master.address());
        if (!node.info("replication").getOrDefault("connected_slaves", "0").equals("0")) {
            CommandBuffer wait = new CommandBuffer();
            wait.command(3).arg("WAIT").arg(1).arg(WAIT_MS);
            node.ask(wait);
        }
    }

    private void remove(List<ClusterHome> homes, Map<Integer, Place> places) {
        for (ClusterHome home : homes) {
            Place place = places.get(home.slot());
            try {
                target.connection(place.address())
                        .evaluate(
                                place.asking(),
                                "redis.call('DEL',KEYS[1]) redis.call('DEL',ARGV[1]) redis.call('DEL',ARGV[2])"
                                        + " return {'gone'}",
                                home.key().bytes(),
                                home.key().repairs(),
                                home.key().moved());
            } catch (ReplyException e) {
                // It is fenced, and of an earlier claim: the next one removes it.
                log.debug("{}: could not remove {}", partition, home.key(), e);
            }
        }
    }

    private CheckpointKey key(int slot) {
        return CheckpointKey.inSlot(slot, config.flow(), partition);
    }

    private WriterErrors errors(CheckpointKey key) {
        return new WriterErrors(key, config.delivery(), config.connection().server());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes the new checkpoints. */
    private final class Writing {

        private final List<Master> masters;
        private final ClusterHome[] homes;
        private final Map<Integer, Place> used;
        private final WriterId self;
        private final long generation;
        private final Long rewindTo;
        private final List<ChangeKey> owed = new ArrayList<>();

        Writing(List<Master> masters, List<ClusterHome> found, Map<Integer, Place> used, WriterId self, Long rewindTo) {
            this.masters = masters;
            this.homes = ClusterPlan.newest(found);
            this.used = new HashMap<>(used);
            this.self = self;
            this.rewindTo = rewindTo;
            this.generation = found.stream()
                    .mapToLong(home -> home.checkpoint().generation())
                    .max()
                    .orElse(0);
            if (rewindTo == null) {
                found.forEach(home -> owed.addAll(home.owed()));
            }
        }

        Claimed write() {
            boolean first = checkCovered();
            List<SlotShare> shares = new ArrayList<>();
            SlotRanges waiting = SlotRanges.NONE;
            long waitingOffset = Long.MAX_VALUE;
            for (Master master : masters) {
                SlotRanges stable = master.stable();
                if (!stable.isEmpty()) {
                    ClusterPlan plan = plan(stable, first, master);
                    CheckpointKey key = place(master, stable, plan);
                    shares.add(new SlotShare(
                            key,
                            key.slot(),
                            self,
                            target.node(master.address()),
                            master.address(),
                            stable,
                            plan.ahead(),
                            master.slots()));
                }
                if (!master.waiting().isEmpty()) {
                    ClusterPlan plan = plan(master.waiting(), first, master);
                    place(master, master.waiting(), plan);
                    waiting = waiting.plus(master.waiting());
                    waitingOffset = Math.min(waitingOffset, plan.checkpoint().offset());
                }
            }
            return new Claimed(self, List.copyOf(shares), waiting, waitingOffset);
        }

        /** Returns whether there are no checkpoints at all, or only some of a first claim that broke off. */
        private boolean checkCovered() {
            int uncovered = 0;
            boolean begun = false;
            for (ClusterHome home : homes) {
                uncovered += home == null ? 1 : 0;
                begun |= home != null
                        && (home.checkpoint().isRewound() || home.checkpoint().offset() != Checkpoint.NOTHING);
            }
            if (rewindTo == null && uncovered > 0 && begun) {
                throw new RedisCdcException(
                        Category.TARGET_REJECTED,
                        "of " + uncovered + " slots of " + config.connection().server()
                                + " it is not known what has been applied to them: the checkpoint of flow "
                                + config.flow() + " for them is gone, perhaps with the node that had them. To fill the"
                                + " target anew, " + Rewind.HOW);
            }
            return uncovered > 0;
        }

        private ClusterPlan plan(SlotRanges slots, boolean first, Master master) {
            if (!first && rewindTo == null) {
                ClusterPlan plan = ClusterPlan.of(slots, homes, owed);
                return new ClusterPlan(plan.checkpoint().by(self), plan.ahead(), plan.owed(), plan.moved());
            }
            Checkpoint begin = first
                    ? Checkpoint.none().ownedBy(new TargetKeyspace(target.connection(master.address())).isEmpty(key(0)))
                    : Checkpoint.none()
                            .ownedBy(slots.stream()
                                    .allMatch(slot -> homes[slot] != null
                                            && homes[slot].checkpoint().owned()));
            return new ClusterPlan(
                    (rewindTo == null ? begin : begin.rewound(generation + 1, rewindTo)).by(self),
                    List.of(),
                    List.of(),
                    List.of());
        }

        private CheckpointKey place(Master master, SlotRanges slots, ClusterPlan plan) {
            TargetConnection node = target.connection(master.address());
            CheckpointKey key = free(node, slots.and(master.stable()), master);
            CommandBuffer commands = new CommandBuffer();
            commands.command(3).arg("DEL").arg(key.repairs()).arg(key.moved());
            List<byte[]> members =
                    plan.owed().stream().map(RepairRequest::encode).toList();
            for (int from = 0; from < members.size(); from += CHUNK) {
                List<byte[]> some = members.subList(from, Math.min(members.size(), from + CHUNK));
                commands.command(2 + some.size()).arg("SADD").arg(key.repairs());
                some.forEach(commands::arg);
            }
            for (int from = 0; from < plan.moved().size(); from += 2 * CHUNK) {
                List<byte[]> some =
                        plan.moved().subList(from, Math.min(plan.moved().size(), from + 2 * CHUNK));
                commands.command(2 + some.size()).arg("HMSET").arg(key.moved());
                some.forEach(commands::arg);
            }
            plan.checkpoint().write(commands, key, System.currentTimeMillis());
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put(ClusterHome.TERM, Long.toString(self.term()));
            for (int i = 0; i < plan.ahead().size(); i++) {
                fields.put(ClusterHome.AHEAD_PREFIX + i, plan.ahead().get(i).toString());
            }
            // Before it says what it covers, it is none.
            fields.put(ClusterHome.COVERED, slots.toString());
            commands.command(2 + 2 * fields.size()).arg("HMSET").arg(key.bytes());
            fields.forEach((field, value) -> commands.arg(field).arg(value));
            BatchReplies replies = node.ask(commands);
            if (replies.errorCount() > 0) {
                throw errors(key).refused(replies.errors().get(0), null);
            }
            return key;
        }

        /** A key for a checkpoint, in a slot of the node that has none and stays there if there is one. */
        private CheckpointKey free(TargetConnection node, SlotRanges preferred, Master master) {
            SlotRanges stable = preferred.isEmpty() ? master.stable() : preferred;
            SlotRanges among = stable.isEmpty() ? master.slots().owned() : stable;
            for (int slot : among.stream().toArray()) {
                if (used.putIfAbsent(slot, new Place(master.address(), null)) == null) {
                    CheckpointKey key = key(slot);
                    String answer = text(node.evaluate(false, TAKE, key.bytes(), utf8(self.toString()))
                            .get(0));
                    if (answer.equals("free")) {
                        return key;
                    }
                }
            }
            throw inFlux(master.address() + " has no slot free for a checkpoint");
        }
    }
}
