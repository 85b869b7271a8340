package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads keys of a node of a cluster: each in a MULTI of its own, since two need not be in one slot, but many of them sent
 * together. What another node has is only named. Of a slot that is on its way here, the keys that have come are read (after
 * ASKING).
 */
final class ClusterBatchReader implements ValueReader {

    private final ScanLink link;
    private final ScanOptions options;
    private final ServerFacts facts;
    private final KeyCommands keyCommands;

    /** Keys in slots that another node has. */
    private final List<byte[]> moved = new ArrayList<>();

    private final List<byte[]> together = new ArrayList<>();

    ClusterBatchReader(ScanLink link, ScanOptions options, ServerFacts facts) {
        this.link = link;
        this.options = options;
        this.facts = facts;
        this.keyCommands = new KeyCommands(link, options, facts);
    }

    @Override
    public void read(int db, List<byte[]> keys, Found found) {
        if (!facts.dumps()) {
            keys.forEach(found::large);
            return;
        }
        moved.clear();
        readAll(keys, false, found);
        if (!moved.isEmpty()) {
            List<byte[]> arrived = List.copyOf(moved);
            moved.clear();
            readAll(arrived, true, found);
            moved.forEach(found::elsewhere);
        }
    }

    /** @param asking whether their slots may be on their way here */
    private void readAll(List<byte[]> keys, boolean asking, Found found) {
        List<Reply> memory = memory(keys, asking);
        long sum = 0;
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i);
            long bytes = memory.get(i) instanceof Reply.Int said ? said.value() : 0;
            if (memory.get(i).isFailure() && isElsewhere(memory.get(i), key, found)) {
                continue;
            }
            if (keyCommands.isBeyondLimit(bytes)) {
                found.beyondLimit(key, bytes);
            } else if (keyCommands.isLarge(bytes)) {
                found.large(key);
            } else {
                if (sum + bytes > keyCommands.mostTogether() || together.size() == KeyCommands.BLIND_KEYS) {
                    readTogether(asking, found);
                    sum = 0;
                }
                together.add(key);
                sum += bytes;
            }
        }
        readTogether(asking, found);
    }

    /** Whether a refusal says that another node has the key, or may. */
    private boolean isElsewhere(Reply refusal, byte[] key, Found found) {
        if (refusal.text().startsWith("MOVED ")) {
            moved.add(key);
            return true;
        }
        if (refusal.text().startsWith("ASK ")) {
            found.elsewhere(key);
            return true;
        }
        return false;
    }

    private List<Reply> memory(List<byte[]> keys, boolean asking) {
        RespBuffer commands = link.commands();
        for (byte[] key : keys) {
            ask(asking, commands);
            keyCommands.memory(commands, key);
        }
        link.flush();
        List<Reply> memory = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            asked(asking);
            memory.add(link.reply());
        }
        return memory;
    }

    private void readTogether(boolean asking, Found found) {
        RespBuffer commands = link.commands();
        for (byte[] key : together) {
            ask(asking, commands);
            commands.command("MULTI");
            if (!facts.exactExpiry()) {
                commands.command("TIME");
            }
            keyCommands.value(commands, key);
            commands.command("EXEC");
        }
        link.flush();
        for (byte[] key : together) {
            asked(asking);
            take(key, asking, found);
        }
        together.clear();
    }

    private void take(byte[] key, boolean asking, Found found) {
        int queued = facts.exactExpiry() ? 2 : 3;
        KeyCommands.Executed executed = keyCommands.executed(queued);
        Reply refusal = executed.refusal();
        if (refusal != null) {
            if (refusal.isFailure() && isElsewhere(refusal, key, found)) {
                return;
            }
            throw ScanRights.refused(link, options, "the reading of keys", refusal);
        }
        List<Reply> replies = executed.replies();
        long nowMs = facts.exactExpiry() ? 0 : KeyCommands.millis(replies.get(0));
        if (!keyCommands.take(key, replies.get(queued - 2), replies.get(queued - 1), nowMs, found)) {
            if (asking) {
                // Whether it has not come yet or was deleted here, is not known.
                found.elsewhere(key);
            } else {
                found.state(key, null);
            }
        }
    }

    private static void ask(boolean asking, RespBuffer commands) {
        if (asking) {
            commands.command("ASKING");
        }
    }

    private void asked(boolean asking) {
        if (asking) {
            Reply reply = link.reply();
            if (reply.isFailure()) {
                throw ScanRights.refused(link, options, "ASKING", reply);
            }
        }
    }
}
