package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.ReplyException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of one partition that stand in a cluster, in whatever slots: finds them, fences them, removes them. */
final class ClusterHomes {

    private static final Logger log = LoggerFactory.getLogger(ClusterHomes.class);

    private static final String FENCE = "local w=redis.call('HGET',KEYS[1],'writer') if not w then return {'gone'} end"
            + " if tonumber(string.match(w,'^%d+'))>=tonumber(string.match(ARGV[1],'^%d+')) and w~=ARGV[1] then"
            + " return {'later',w} end redis.call('HSET',KEYS[1],'writer',ARGV[1])"
            + " local all=redis.call('HGETALL',KEYS[1]) table.insert(all,1,'fenced') return all";

    private static final String WRITER = "return {redis.call('HGET',KEYS[1],'writer')}";

    private static final String MEMBERS = "return redis.call('SMEMBERS',KEYS[1])";

    private static final String FIELDS = "return redis.call('HGETALL',KEYS[1])";

    private static final String REMOVE =
            "redis.call('DEL',KEYS[1]) redis.call('DEL',ARGV[1]) redis.call('DEL',ARGV[2]) return {'gone'}";

    private final ClusterTarget target;
    private final ClusterMasters masters;
    private final CheckpointKey anyKey;

    /** @param anyKey the checkpoint's key in any slot */
    ClusterHomes(ClusterTarget target, ClusterMasters masters, CheckpointKey anyKey) {
        this.target = target;
        this.masters = masters;
        this.anyKey = anyKey;
    }

    /** The key of one in that slot. */
    CheckpointKey key(int slot) {
        return anyKey.inSlot(slot);
    }

    /** All that there are, by slot. */
    List<HomeSite> find(List<ClusterMaster> among) {
        List<HomeSite> found = new ArrayList<>();
        for (ClusterMaster master : among) {
            find(master, found);
        }
        found.sort(Comparator.comparingInt(HomeSite::slot)); // so that of two who claim, one is first everywhere
        return found;
    }

    private void find(ClusterMaster master, List<HomeSite> found) {
        List<Integer> slots = master.slots().owned().stream().boxed().toList();
        CommandBuffer questions = new CommandBuffer();
        slots.forEach(slot -> Checkpoint.readWriter(questions, key(slot)));
        BatchReplies replies = masters.connection(master).ask(questions);
        Map<Integer, String> refusals = new HashMap<>();
        replies.errors().forEach((ErrorReply error) -> refusals.put(error.reply(), error.text()));
        int bulk = 0;
        for (int i = 0; i < slots.size(); i++) {
            String refusal = refusals.get(i);
            RedisAddress importer = null;
            byte[] writer = null;
            if (refusal == null) {
                writer = replies.bulks().get(bulk++);
            } else if (refusal.startsWith("ASK ")) {
                importer = RedisAddress.parse(refusal.split(" ", -1)[2]);
                List<byte[]> answer = target.connection(importer)
                        .evaluate(true, WRITER, key(slots.get(i)).bytes());
                writer = answer.isEmpty() ? null : answer.get(0);
            } else {
                throw masters.inFlux(refusal);
            }
            if (writer != null) {
                found.add(new HomeSite(slots.get(i), WriterId.parse(text(writer)), master.address(), importer));
            }
        }
    }

    /** From now on whoever wrote it cannot any more. Returns what it says; null if somebody else is faster. */
    ClusterHome fence(HomeSite site, WriterId self) {
        CheckpointKey key = key(site.slot());
        List<byte[]> answer = target.connection(site.address())
                .evaluate(site.asking(), FENCE, key.bytes(), self.toString().getBytes(StandardCharsets.UTF_8));
        if (!text(answer.get(0)).equals("fenced")) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 1; i + 1 < answer.size(); i += 2) {
            fields.put(text(answer.get(i)), text(answer.get(i + 1)));
        }
        List<ChangeKey> owed = new ArrayList<>();
        read(site, MEMBERS, key.repairs()).forEach(each -> owed.add(RepairRequest.parse(each)));
        if (!fields.containsKey("format")) {
            fields.clear(); // taken, and then the claim broke off
        }
        return ClusterHome.parse(site.slot(), key, fields, owed, read(site, FIELDS, key.moved()));
    }

    /** What stands beside a checkpoint. Where the slot is just being moved, it may be there already, or here still. */
    private List<byte[]> read(HomeSite site, String script, byte[] key) {
        try {
            return target.connection(site.owner()).evaluate(false, script, key);
        } catch (ReplyException e) {
            if (!e.code().equals("ASK")) {
                throw e;
            }
            return target.connection(RedisAddress.parse(e.redirection())).evaluate(true, script, key);
        }
    }

    /** Removes one that others have been made in place of. */
    void remove(HomeSite site) {
        CheckpointKey key = key(site.slot());
        try {
            target.connection(site.address()).evaluate(site.asking(), REMOVE, key.bytes(), key.repairs(), key.moved());
        } catch (ReplyException e) {
            // It is fenced, and of an earlier claim: the next one removes it.
            log.debug("{}: could not remove {}", key.partition(), key, e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
