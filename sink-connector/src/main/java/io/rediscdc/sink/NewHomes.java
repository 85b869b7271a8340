package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the checkpoints of a claim: for each master one of the slots that stay, and one of those that are just being moved. They
 * go on from those that were found, or begin anew; and they stand in slots that had none. Not thread-safe.
 */
final class NewHomes {

    private static final int CHUNK = 1_000;

    private static final String TAKE = "if redis.call('EXISTS',KEYS[1])==1 then return {'taken'} end"
            + " redis.call('HSET',KEYS[1],'writer',ARGV[1]) return {'free'}";

    private final ClusterMasters masters;
    private final CheckpointKey anyKey;
    private final WriterErrors errors;
    private final WriterId self;
    private final Long rewindTo;
    private final ClusterHome[] former;
    private final List<ChangeKey> owed = new ArrayList<>();
    private final long generation;

    /** Slots that have a checkpoint, or were tried. */
    private final Set<Integer> used = new HashSet<>();

    /** Whether there are no checkpoints at all, or only some of a first claim that broke off. */
    private final boolean first;

    /**
     * @param anyKey the checkpoint's key in any slot
     * @param found fenced ones
     * @param rewindTo Kafka offset at which a new generation begins, null for none
     * @param server how the configuration names the cluster
     * @throws RedisCdcException TARGET_REJECTED if it is not known what some slots have
     */
    NewHomes(
            ClusterMasters masters,
            CheckpointKey anyKey,
            WriterErrors errors,
            WriterId self,
            List<ClusterHome> found,
            Long rewindTo,
            String server) {
        this.masters = masters;
        this.anyKey = anyKey;
        this.errors = errors;
        this.self = self;
        this.rewindTo = rewindTo;
        this.former = ClusterPlan.newest(found);
        this.generation = found.stream()
                .mapToLong(home -> home.checkpoint().generation())
                .max()
                .orElse(0);
        found.forEach(home -> used.add(home.slot()));
        if (rewindTo == null) {
            found.forEach(home -> owed.addAll(home.owed()));
        }
        this.first = checkCovered(server);
    }

    private boolean checkCovered(String server) {
        int uncovered = 0;
        boolean begun = false;
        for (ClusterHome home : former) {
            uncovered += home == null ? 1 : 0;
            begun |= home != null
                    && (home.checkpoint().isRewound() || home.checkpoint().offset() != Checkpoint.NOTHING);
        }
        if (rewindTo == null && uncovered > 0 && begun) {
            throw new RedisCdcException(
                    Category.TARGET_REJECTED,
                    "of " + uncovered + " slots of " + server
                            + " it is not known what has been applied to them: the checkpoint of flow "
                            + anyKey.flow() + " for them is gone, perhaps with the node that had them. To fill the"
                            + " target anew, " + Rewind.HOW);
        }
        return uncovered > 0;
    }

    /** One that was made. */
    record Made(CheckpointKey key, ClusterPlan plan) {}

    /**
     * Makes one at a master.
     *
     * @param slots some of its own, which it covers
     */
    Made make(ClusterMaster master, SlotRanges slots) {
        ClusterPlan plan = plan(slots, master);
        CheckpointKey key = free(slots.and(master.stable()), master);
        BatchReplies replies = masters.connection(master).ask(content(key, slots, plan));
        if (replies.errorCount() > 0) {
            throw errors.refused(replies.errors().get(0), null);
        }
        return new Made(key, plan);
    }

    private ClusterPlan plan(SlotRanges slots, ClusterMaster master) {
        if (!first && rewindTo == null) {
            ClusterPlan plan = ClusterPlan.of(slots, former, owed);
            return new ClusterPlan(plan.checkpoint().by(self), plan.ahead(), plan.owed(), plan.moved());
        }
        Checkpoint begin = first
                ? Checkpoint.none().ownedBy(new TargetKeyspace(masters.connection(master)).isEmpty(anyKey))
                : Checkpoint.none()
                        .ownedBy(slots.stream()
                                .allMatch(slot -> former[slot] != null
                                        && former[slot].checkpoint().owned()));
        return new ClusterPlan(
                (rewindTo == null ? begin : begin.rewound(generation + 1, rewindTo)).by(self),
                List.of(),
                List.of(),
                List.of());
    }

    private CommandBuffer content(CheckpointKey key, SlotRanges slots, ClusterPlan plan) {
        CommandBuffer commands = new CommandBuffer();
        commands.command(3).arg("DEL").arg(key.repairs()).arg(key.moved());
        List<byte[]> members = plan.owed().stream().map(RepairRequest::encode).toList();
        add(commands, "SADD", key.repairs(), members, CHUNK);
        add(commands, "HMSET", key.moved(), plan.moved(), 2 * CHUNK);
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
        return commands;
    }

    private static void add(CommandBuffer commands, String command, byte[] to, List<byte[]> all, int most) {
        for (int from = 0; from < all.size(); from += most) {
            List<byte[]> some = all.subList(from, Math.min(all.size(), from + most));
            commands.command(2 + some.size()).arg(command).arg(to);
            some.forEach(commands::arg);
        }
    }

    /** A key for a checkpoint, in a slot of the node that has none and stays there if there is one. */
    private CheckpointKey free(SlotRanges preferred, ClusterMaster master) {
        TargetConnection node = masters.connection(master);
        SlotRanges stable = preferred.isEmpty() ? master.stable() : preferred;
        SlotRanges among = stable.isEmpty() ? master.slots().owned() : stable;
        byte[] writer = self.toString().getBytes(StandardCharsets.UTF_8);
        for (int slot : among.stream().toArray()) {
            if (used.add(slot)) {
                CheckpointKey key = anyKey.inSlot(slot);
                byte[] answer = node.evaluate(false, TAKE, key.bytes(), writer).get(0);
                if (new String(answer, StandardCharsets.UTF_8).equals("free")) {
                    return key;
                }
            }
        }
        throw masters.inFlux(master.address() + " has no slot free for a checkpoint");
    }
}
