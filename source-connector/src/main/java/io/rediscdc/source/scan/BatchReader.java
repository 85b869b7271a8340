package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads keys of a server together: {@code MULTI, DUMP, PEXPIRETIME, ..., EXEC}, so that value and expire time belong together. */
final class BatchReader implements ValueReader {

    private final ScanLink link;
    private final ScanOptions options;
    private final ServerFacts facts;
    private final KeyCommands keyCommands;
    private final List<byte[]> together = new ArrayList<>();

    BatchReader(ScanLink link, ScanOptions options, ServerFacts facts) {
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
        long[] memory = memory(db, keys);
        long sum = 0;
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i);
            if (keyCommands.isBeyondLimit(memory[i])) {
                found.beyondLimit(key, memory[i]);
            } else if (keyCommands.isLarge(memory[i])) {
                found.large(key);
            } else {
                if (sum + memory[i] > keyCommands.mostTogether()
                        || (!facts.tellsMemory() && together.size() == KeyCommands.BLIND_KEYS)) {
                    readTogether(db, found);
                    sum = 0;
                }
                together.add(key);
                sum += memory[i];
            }
        }
        readTogether(db, found);
    }

    private long[] memory(int db, List<byte[]> keys) {
        long[] memory = new long[keys.size()];
        if (!facts.tellsMemory()) {
            return memory;
        }
        RespBuffer commands = link.commands();
        int selects = link.select(db);
        keys.forEach(key -> keyCommands.memory(commands, key));
        link.flush();
        readSelected(selects);
        for (int i = 0; i < memory.length; i++) {
            memory[i] = link.reply() instanceof Reply.Int bytes ? bytes.value() : 0;
        }
        return memory;
    }

    private void readTogether(int db, Found found) {
        if (together.isEmpty()) {
            return;
        }
        RespBuffer commands = link.commands();
        int selects = link.select(db);
        commands.command("MULTI");
        int queued = 0;
        if (!facts.exactExpiry()) {
            commands.command("TIME");
            queued++;
        }
        for (byte[] key : together) {
            keyCommands.value(commands, key);
            queued += 2;
        }
        commands.command("EXEC");
        link.flush();
        readSelected(selects);
        KeyCommands.Executed executed = keyCommands.executed(queued);
        if (executed.refusal() != null) {
            throw ScanRights.refused(link, options, "the reading of keys", executed.refusal());
        }
        take(executed.replies(), found);
        together.clear();
    }

    private void take(List<Reply> replies, Found found) {
        int next = 0;
        long nowMs = facts.exactExpiry() ? 0 : KeyCommands.millis(replies.get(next++));
        for (byte[] key : together) {
            if (!keyCommands.take(key, replies.get(next++), replies.get(next++), nowMs, found)) {
                found.state(key, null);
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
