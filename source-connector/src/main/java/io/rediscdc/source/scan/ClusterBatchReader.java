package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.format.resp.ServerTime;
import io.rediscdc.source.scan.KeyCommands.Look;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads keys of a node of a cluster: each in a MULTI of its own, since two need not be in one slot, but many of them sent
 * together. What another node has is only named. Of a slot that is on its way here, the keys that have come are read (after
 * ASKING).
 */
final class ClusterBatchReader implements ValueReader {

    private final ScanLink link;
    private final ServerFacts facts;
    private final KeyCommands keyCommands;

    /** Keys in slots that another node has. */
    private final List<byte[]> moved = new ArrayList<>();

    ClusterBatchReader(ScanLink link, ScanOptions options, ServerFacts facts) {
        this.link = link;
        this.facts = facts;
        this.keyCommands = new KeyCommands(link, options, facts);
    }

    @Override
    public void read(int db, List<byte[]> keys, Found found) {
        if (keyCommands.readsWindowsOnly()) {
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
        List<Look> here = new ArrayList<>(keys.size());
        for (Look look : look(keys, asking)) {
            if (look.refusal() == null || !isElsewhere(look.refusal(), look.key(), found)) {
                here.add(look);
            }
        }
        keyCommands.sort(here, KeyCommands.BLIND_KEYS, found, together -> readTogether(together, asking, found));
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

    private List<Look> look(List<byte[]> keys, boolean asking) {
        if (!keyCommands.looks()) {
            return KeyCommands.unseen(keys);
        }
        RespBuffer commands = link.commands();
        for (byte[] key : keys) {
            keyCommands.look(commands, key, asking);
        }
        link.flush();
        List<Look> looks = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            looks.add(keyCommands.looked(key, asking));
        }
        return looks;
    }

    private void readTogether(List<Look> together, boolean asking, Found found) {
        RespBuffer commands = link.commands();
        for (Look look : together) {
            keyCommands.ask(commands, asking);
            commands.command("MULTI");
            if (!facts.exactExpiry()) {
                commands.command("TIME");
            }
            keyCommands.value(commands, look);
            commands.command("EXEC");
        }
        link.flush();
        for (Look look : together) {
            keyCommands.asked(asking);
            take(look, asking, found);
        }
    }

    private void take(Look look, boolean asking, Found found) {
        int queued = facts.exactExpiry() ? 2 : 3;
        KeyCommands.Executed executed = keyCommands.executed(queued);
        Reply refusal = executed.refusal();
        if (refusal != null) {
            if (refusal.isFailure() && isElsewhere(refusal, look.key(), found)) {
                return;
            }
            keyCommands.refused(List.of(look), refusal, found);
            return;
        }
        List<Reply> replies = executed.replies();
        long nowMs = facts.exactExpiry() ? 0 : ServerTime.millis(replies.get(0));
        if (!keyCommands.take(look, replies.get(queued - 2), replies.get(queued - 1), nowMs, found)) {
            if (asking) {
                // Whether it has not come yet or was deleted here, is not known.
                found.elsewhere(look.key());
            } else {
                found.state(look.key(), null);
            }
        }
    }
}
