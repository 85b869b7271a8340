package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.sink.target.BatchScript;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Gives up slots that are being moved to another node, so that all others go on: they get a checkpoint of their own, where
 * the common one stands and with all that stands beside it, in a slot of the node they come from; whoever claims the cluster next finds it. Not thread-safe.
 */
final class SlotYielding {

    private static final int MAX_ATTEMPTS = 20;

    private static final String SPLIT = "local w=redis.call('HGET',KEYS[1],'writer')"
            + " if w~=ARGV[1] then return {'fenced'} end"
            + " local s=" + BatchScript.OWN_SLOTS
            + " if s~=ARGV[2] then return {'moved',s} end"
            + " if redis.call('EXISTS',ARGV[3])==1 then return {'taken'} end"
            + " for i=6,#ARGV,2 do redis.call('DEL',ARGV[i+1]) if redis.call('EXISTS',ARGV[i])==1 then"
            + " redis.call('RESTORE',ARGV[i+1],0,redis.call('DUMP',ARGV[i])) end end"
            + " redis.call('HMSET',ARGV[3],unpack(redis.call('HGETALL',KEYS[1])))"
            + " redis.call('HSET',ARGV[3],'" + ClusterHome.COVERED + "',ARGV[4])"
            + " redis.call('HSET',KEYS[1],'" + ClusterHome.COVERED + "',ARGV[5])"
            + " return {'done',redis.call('HGET',KEYS[1],'offset')}";

    private final SlotShare share;

    SlotYielding(SlotShare share) {
        this.share = share;
    }

    /**
     * Gives up what the node has said it gives away; nothing if it has not. No batch may be under way, but some may be
     * encoded.
     *
     * @param encoded from which what is for those slots is left out
     * @param never not to do it this way
     * @return what was given up
     * @throws ReclaimException if it cannot be done this way
     */
    SlotRanges giveUp(TargetConnection connection, List<Batch> encoded, boolean never) {
        SlotRanges all = SlotRanges.NONE;
        for (int i = 0; i < MAX_ATTEMPTS && !share.lost().isEmpty(); i++) {
            SlotRanges lost = share.lost();
            List<BitSet> commands = new ArrayList<>();
            for (Batch batch : encoded) {
                commands.add(batch.commandsFor(lost));
            }
            if (never || commands.contains(null) || !share.keepsHome()) {
                throw new ReclaimException(share.key().partition() + ": " + share.address()
                        + " gives away slots; claiming those that it keeps");
            }
            if (split(connection, lost)) {
                all = all.plus(lost);
                leaveOut(encoded, commands, lost);
            }
        }
        if (!share.lost().isEmpty()) {
            throw again("they change too fast, or no slot is free for a checkpoint");
        }
        return all;
    }

    private static void leaveOut(List<Batch> encoded, List<BitSet> commands, SlotRanges lost) {
        for (int i = 0; i < commands.size(); i++) {
            Batch batch = encoded.get(i);
            batch.suspects().forget(lost);
            if (!commands.get(i).isEmpty()) {
                batch.leaveOut(commands.get(i));
            }
        }
    }

    /** Returns false if it has to be tried again. */
    private boolean split(TargetConnection connection, SlotRanges lost) {
        CheckpointKey key = share.key().inSlot(share.randomSlot());
        List<byte[]> answer = connection.evaluate(
                false,
                SPLIT,
                share.key().bytes(),
                utf8(share.writer().toString()),
                utf8(share.slotsText()),
                key.bytes(),
                utf8(lost.toString()),
                utf8(share.slots().minus(lost).toString()),
                share.key().repairs(),
                key.repairs(),
                share.key().moved(),
                key.moved());
        return switch (text(answer.get(0))) {
            case "done" -> {
                share.giveUp(lost, Long.parseLong(text(answer.get(1))));
                yield true;
            }
            case "taken" -> false;
            case "moved" -> {
                share.says(text(answer.get(1)));
                yield false;
            }
            default -> throw again("somebody else has claimed it");
        };
    }

    private RedisCdcException again(String why) {
        return new RedisCdcException(
                Category.CONNECTION,
                share.address() + " gives away slots that " + share.key().partition() + " is written to: " + why);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
