package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.format.resp.ServerTime;
import io.rediscdc.source.scan.KeyCommands.Look;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads keys of a server together: {@code MULTI, DUMP, PEXPIRETIME, ..., EXEC}, so that value and expire time belong together.
 * Where DUMP is refused, by the commands of the types.
 */
final class BatchReader implements ValueReader {

    private final ScanLink link;
    private final ServerFacts facts;
    private final KeyCommands keyCommands;

    BatchReader(ScanLink link, ScanOptions options, ServerFacts facts) {
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
        int most = facts.tellsMemory() ? Integer.MAX_VALUE : KeyCommands.BLIND_KEYS;
        keyCommands.sort(look(db, keys), most, found, together -> readTogether(db, together, found));
    }

    private List<Look> look(int db, List<byte[]> keys) {
        if (!keyCommands.looks()) {
            return KeyCommands.unseen(keys);
        }
        RespBuffer commands = link.commands();
        int selects = link.select(db);
        keys.forEach(key -> keyCommands.look(commands, key, false));
        link.flush();
        readSelected(selects);
        List<Look> looks = new ArrayList<>(keys.size());
        keys.forEach(key -> looks.add(keyCommands.looked(key, false)));
        return looks;
    }

    private void readTogether(int db, List<Look> together, Found found) {
        RespBuffer commands = link.commands();
        int selects = link.select(db);
        commands.command("MULTI");
        int queued = 0;
        if (!facts.exactExpiry()) {
            commands.command("TIME");
            queued++;
        }
        for (Look look : together) {
            keyCommands.value(commands, look);
            queued += 2;
        }
        commands.command("EXEC");
        link.flush();
        readSelected(selects);
        KeyCommands.Executed executed = keyCommands.executed(queued);
        if (executed.refusal() != null) {
            keyCommands.refused(together, executed.refusal(), found);
            return;
        }
        List<Reply> replies = executed.replies();
        int next = 0;
        long nowMs = facts.exactExpiry() ? 0 : ServerTime.millis(replies.get(next++));
        for (Look look : together) {
            if (!keyCommands.take(look, replies.get(next++), replies.get(next++), nowMs, found)) {
                found.state(look.key(), null);
            }
        }
    }

    private void readSelected(int selects) {
        if (selects > 0) {
            Reply selected = link.reply();
            if (selected.isFailure()) {
                throw new RedisCdcException(
                        Category.CONFIG,
                        link.node() + " has no such database: " + selected.text() + "; look at scan.databases");
            }
        }
    }
}
