package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the states of keys of a database, several at a time: {@code MULTI, DUMP, PEXPIRETIME, ..., EXEC}, so that value and
 * expire time belong together. What would be too large for a record is only named. Not thread-safe.
 */
final class BatchReader {

    /** Memory that a value takes is more than its dump has, but not as much. */
    private static final int MEMORY_PER_DUMP = 4;

    /** How many keys are read together where it is not known how large they are. */
    private static final int BLIND_KEYS = 16;

    private static final byte[] DUMP = ScanLink.ascii("DUMP");
    private static final byte[] PEXPIRETIME = ScanLink.ascii("PEXPIRETIME");
    private static final byte[] PTTL = ScanLink.ascii("PTTL");
    private static final byte[] MEMORY = ScanLink.ascii("MEMORY");
    private static final byte[] USAGE = ScanLink.ascii("USAGE");
    private static final byte[] SAMPLES = ScanLink.ascii("SAMPLES");

    /** Takes what was found of a key. */
    interface Found {

        /** It is in this state; null for no such key. */
        void state(byte[] key, State state);

        /** It has to be read in another way. */
        void large(byte[] key);

        /** It is left out: it takes that much memory. */
        void beyondLimit(byte[] key, long memory);
    }

    private final ScanLink link;
    private final ScanOptions options;
    private final ServerFacts facts;
    private final List<byte[]> together = new ArrayList<>();

    BatchReader(ScanLink link, ScanOptions options, ServerFacts facts) {
        this.link = link;
        this.options = options;
        this.facts = facts;
    }

    /**
     * Reads keys of a database.
     *
     * @throws RedisCdcException CONNECTION, or CONFIG if the user may not
     */
    void read(int db, List<byte[]> keys, Found found) {
        if (!facts.dumps()) {
            keys.forEach(found::large);
            return;
        }
        long[] memory = memory(db, keys);
        long most = 4L * options.maxRecordBytes();
        long sum = 0;
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i);
            if (options.memory().bytes() > 0 && memory[i] > options.memory().bytes()) {
                found.beyondLimit(key, memory[i]);
            } else if (memory[i] / MEMORY_PER_DUMP > options.maxRecordBytes()) {
                found.large(key);
            } else {
                if (sum + memory[i] > most || (!facts.tellsMemory() && together.size() == BLIND_KEYS)) {
                    readTogether(db, found);
                    sum = 0;
                }
                together.add(key);
                sum += memory[i];
            }
        }
        readTogether(db, found);
    }

    /** A dump is built in the server's memory before its length is known: that of a very large value is not asked for. */
    private long[] memory(int db, List<byte[]> keys) {
        long[] memory = new long[keys.size()];
        if (!facts.tellsMemory()) {
            return memory;
        }
        RespBuffer commands = link.commands();
        int selects = link.select(db);
        for (byte[] key : keys) {
            commands.begin(5)
                    .arg(MEMORY)
                    .arg(USAGE)
                    .arg(key)
                    .arg(SAMPLES)
                    .arg(options.memory().samples());
        }
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
            commands.command(DUMP, key).command(facts.exactExpiry() ? PEXPIRETIME : PTTL, key);
            queued += 2;
        }
        commands.command("EXEC");
        link.flush();
        readSelected(selects);
        Reply refusal = null;
        for (int i = 0; i <= queued; i++) {
            Reply reply = link.reply();
            if (reply.isFailure() && refusal == null) {
                refusal = reply;
            }
        }
        Reply executed = link.reply();
        if (!(executed instanceof Reply.Array array)) {
            throw ScanRights.refused(link, options, "the reading of keys", refusal == null ? executed : refusal);
        }
        take(array.elements(), found);
        together.clear();
    }

    private void take(List<Reply> replies, Found found) {
        int next = 0;
        long nowMs = facts.exactExpiry() ? 0 : millis(replies.get(next++));
        for (byte[] key : together) {
            Reply dump = replies.get(next++);
            Reply expiry = replies.get(next++);
            if (dump instanceof Reply.Bulk bulk && expiry instanceof Reply.Int expires) {
                if (bulk.bytes().length > options.maxRecordBytes()) {
                    found.large(key);
                } else {
                    found.state(key, state(bulk.bytes(), expires.value(), nowMs));
                }
            } else if (dump.isFailure()) {
                throw ScanRights.refused(link, options, "DUMP", dump);
            } else {
                found.state(key, null);
            }
        }
    }

    private State state(byte[] dump, long expires, long nowMs) {
        return new State(
                DumpPayload.type(dump, facts.flavour()).typeName(),
                dump,
                facts.flavour(),
                DumpPayload.rdbVersion(dump),
                expires < 0 ? null : nowMs + expires,
                null,
                null);
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

    /** Of TIME: seconds and microseconds. */
    static long millis(Reply time) {
        List<Reply> parts = ((Reply.Array) time).elements();
        return Long.parseLong(parts.get(0).text()) * 1_000
                + Long.parseLong(parts.get(1).text()) / 1_000;
    }
}
