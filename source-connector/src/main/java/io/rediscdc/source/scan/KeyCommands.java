package io.rediscdc.source.scan;

import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.State;
import java.util.List;

/** The commands that read a key's state, and what their replies say. */
final class KeyCommands {

    /** How many keys are read together where it is not known how large they are. */
    static final int BLIND_KEYS = 16;

    /** Memory that a value takes is more than its dump has, but not as much. */
    private static final int MEMORY_PER_DUMP = 4;

    private static final byte[] DUMP = ScanLink.ascii("DUMP");
    private static final byte[] PEXPIRETIME = ScanLink.ascii("PEXPIRETIME");
    private static final byte[] PTTL = ScanLink.ascii("PTTL");
    private static final byte[] MEMORY = ScanLink.ascii("MEMORY");
    private static final byte[] USAGE = ScanLink.ascii("USAGE");
    private static final byte[] SAMPLES = ScanLink.ascii("SAMPLES");

    /**
     * What became of a transaction.
     *
     * @param replies of its commands, null if it was not executed
     * @param refusal why it was not executed, null if it was
     */
    record Executed(List<Reply> replies, Reply refusal) {}

    private final ScanLink link;
    private final ScanOptions options;
    private final ServerFacts facts;

    KeyCommands(ScanLink link, ScanOptions options, ServerFacts facts) {
        this.link = link;
        this.options = options;
        this.facts = facts;
    }

    /** Adds what asks how much memory a key takes. */
    void memory(RespBuffer commands, byte[] key) {
        commands.begin(5)
                .arg(MEMORY)
                .arg(USAGE)
                .arg(key)
                .arg(SAMPLES)
                .arg(options.memory().samples());
    }

    /** Adds what asks for a key's value and expire time; two commands. */
    void value(RespBuffer commands, byte[] key) {
        commands.command(DUMP, key).command(facts.exactExpiry() ? PEXPIRETIME : PTTL, key);
    }

    boolean isBeyondLimit(long memory) {
        return options.memory().bytes() > 0 && memory > options.memory().bytes();
    }

    /** A dump is built in the server's memory before its length is known: that of a very large value is not asked for. */
    boolean isLarge(long memory) {
        return memory / MEMORY_PER_DUMP > options.maxRecordBytes();
    }

    /** How much memory, together, the values may take that are asked for at a time. */
    long mostTogether() {
        return 4L * options.maxRecordBytes();
    }

    /** Reads the replies to MULTI, so many commands and EXEC; the first refusal tells why there is nothing. */
    Executed executed(int queued) {
        Reply refusal = null;
        for (int i = 0; i <= queued; i++) {
            Reply reply = link.reply();
            if (reply.isFailure() && refusal == null) {
                refusal = reply;
            }
        }
        Reply executed = link.reply();
        return executed instanceof Reply.Array array
                ? new Executed(array.elements(), null)
                : new Executed(null, refusal == null ? executed : refusal);
    }

    /**
     * Tells what was found, if there is such a key.
     *
     * @param nowMs the server's time, where it does not say when a key expires but in how long
     * @return whether there is
     */
    boolean take(byte[] key, Reply dump, Reply expiry, long nowMs, ValueReader.Found found) {
        if (dump instanceof Reply.Bulk bulk && expiry instanceof Reply.Int expires) {
            take(key, bulk, expires, nowMs, found);
            return true;
        }
        if (dump.isFailure()) {
            throw ScanRights.refused(link, options, "DUMP", dump);
        }
        return false;
    }

    private void take(byte[] key, Reply.Bulk dump, Reply.Int expires, long nowMs, ValueReader.Found found) {
        if (dump.bytes().length > options.maxRecordBytes()) {
            found.large(key);
            return;
        }
        State state = new State(
                DumpPayload.type(dump.bytes(), facts.flavour()).typeName(),
                dump.bytes(),
                facts.flavour(),
                DumpPayload.rdbVersion(dump.bytes()),
                expires.value() < 0 ? null : nowMs + expires.value(),
                null,
                null);
        found.state(key, state);
    }

    /** Of TIME: seconds and microseconds. */
    static long millis(Reply time) {
        List<Reply> parts = ((Reply.Array) time).elements();
        return Long.parseLong(parts.get(0).text()) * 1_000
                + Long.parseLong(parts.get(1).text()) / 1_000;
    }
}
