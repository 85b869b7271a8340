package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.ReplyException;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;

/**
 * Claims a cluster for a writer of one partition. All checkpoints that there are, in whatever slot, are found and fenced
 * ({@link ClusterHomes}): from then on, nobody else writes. They say of each slot what has been applied to it. Then each node
 * gets new ones, for the slots that it has now ({@link NewHomes}): one for those that stay, one for those that are just being
 * moved, to which nothing is applied until that is over. The new ones stand in slots that had none; so a claim that breaks off
 * in between leaves for each slot either the new one or the former. Not thread-safe.
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

    private static final int MAX_CLAIMS = 5;

    private final SinkConfig config;
    private final TopicPartition partition;
    private final ClusterTarget target;
    private final CheckpointKey anyKey;
    private final ClusterMasters masters;
    private final ClusterHomes homes;

    /** As whom this writer has tried it, be it that it broke off. */
    private final Set<WriterId> attempted = new HashSet<>();

    ClusterClaim(SinkConfig config, TopicPartition partition, ClusterTarget target) {
        this.config = config;
        this.partition = partition;
        this.target = target;
        this.anyKey = CheckpointKey.inSlot(0, config.flow(), partition);
        this.masters = new ClusterMasters(target, config.connection().server());
        this.homes = new ClusterHomes(target, masters, anyKey);
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
        return masters.stable();
    }

    /**
     * Looks what the nodes say of their slots now.
     *
     * @throws RedisCdcException CONNECTION; a {@link ReclaimException} if somebody else has slots of a share
     */
    void check(List<SlotShare> shares) {
        Map<RedisAddress, NodeSlots> now = new HashMap<>();
        masters.look().forEach(master -> now.put(master.address(), master.slots()));
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
            List<ClusterMaster> found = masters.look();
            try {
                Claimed claimed = attempt(found, before, rewindTo);
                if (claimed != null) {
                    return claimed;
                }
            } catch (ReplyException e) {
                found.forEach(master -> target.disconnect(master.address()));
                throw e;
            }
        }
        throw errors(anyKey).contested(MAX_CLAIMS);
    }

    /** Returns null if others are claiming as well, or slots are being moved. */
    private Claimed attempt(List<ClusterMaster> among, WriterId before, Long rewindTo) {
        List<HomeSite> sites = homes.find(among);
        WriterId self =
                new WriterId(latestTerm(sites, before) + 1, UUID.randomUUID().toString());
        attempted.add(self);
        List<ClusterHome> fenced = new ArrayList<>();
        for (HomeSite site : sites) {
            ClusterHome home = homes.fence(site, self);
            if (home == null) {
                return null;
            }
            if (rewindTo == null && home.checkpoint().stuck() != null) {
                throw errors(home.key()).stuck(home.checkpoint().stuck());
            }
            fenced.add(home);
        }
        Claimed claimed = make(among, fenced, self, rewindTo);
        if (!homes.find(among).stream().allMatch(site -> site.writer().equals(self))) {
            return null;
        }
        among.forEach(masters::awaitReplica);
        sites.forEach(homes::remove);
        return claimed;
    }

    private long latestTerm(List<HomeSite> sites, WriterId before) {
        long term = 0;
        for (HomeSite site : sites) {
            WriterId found = site.writer();
            if (before != null && found.term() > before.term() && !attempted.contains(found)) {
                throw errors(homes.key(site.slot())).takenOver(found.toString(), before);
            }
            term = Math.max(term, found.term());
        }
        return term;
    }

    private Claimed make(List<ClusterMaster> among, List<ClusterHome> fenced, WriterId self, Long rewindTo) {
        NewHomes made = new NewHomes(
                masters,
                anyKey,
                errors(anyKey),
                self,
                fenced,
                rewindTo,
                config.connection().server());
        List<SlotShare> shares = new ArrayList<>();
        SlotRanges waiting = SlotRanges.NONE;
        long waitingOffset = Long.MAX_VALUE;
        for (ClusterMaster master : among) {
            if (!master.stable().isEmpty()) {
                shares.add(share(master, made.make(master, master.stable()), self));
            }
            if (!master.waiting().isEmpty()) {
                ClusterPlan plan = made.make(master, master.waiting()).plan();
                waiting = waiting.plus(master.waiting());
                waitingOffset = Math.min(waitingOffset, plan.checkpoint().offset());
            }
        }
        return new Claimed(self, List.copyOf(shares), waiting, waitingOffset);
    }

    private SlotShare share(ClusterMaster master, NewHomes.Made home, WriterId self) {
        return new SlotShare(
                home.key(),
                home.key().slot(),
                self,
                target.node(master.address()),
                master.address(),
                master.stable(),
                home.plan().ahead(),
                master.slots());
    }

    private WriterErrors errors(CheckpointKey key) {
        return new WriterErrors(key, config.delivery(), config.connection().server());
    }
}
