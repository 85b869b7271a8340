package io.rediscdc.source.scan;

import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands that read a key's state, and what their replies say: DUMP, and where that is refused the commands of the types.
 * Not thread-safe.
 */
final class KeyCommands {

    private static final Logger LOG = LoggerFactory.getLogger(KeyCommands.class);

    /** How many keys are read together where it is not known how large they are. */
    static final int BLIND_KEYS = 16;

    /** Memory that a value takes is more than its dump has, but not as much. */
    private static final int MEMORY_PER_DUMP = 4;

    /** PEXPIRETIME and PTTL where there is no key. */
    private static final long NO_KEY = -2;

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

    /**
     * What is known of a key before its value is read.
     *
     * @param memory that it takes at the server, bytes; 0 where that is not known
     * @param type null where DUMP will tell, or the server did not
     * @param refusal the server's, null for none
     */
    record Look(byte[] key, long memory, String type, Reply refusal) {}

    private final ScanLink link;
    private final ScanOptions options;
    private final ServerFacts facts;

    /** Null where DUMP is allowed. */
    private final TypeCommands types;

    private boolean windowsOnly;

    KeyCommands(ScanLink link, ScanOptions options, ServerFacts facts) {
        this.link = link;
        this.options = options;
        this.facts = facts;
        this.types = facts.dumps() ? null : new TypeCommands(options, facts);
    }

    /** Of keys at which there is nothing to look. */
    static List<Look> unseen(List<byte[]> keys) {
        return keys.stream().map(key -> new Look(key, 0, null, null)).toList();
    }

    /** Whether nothing can be read together: neither DUMP is allowed, nor are transactions. */
    boolean readsWindowsOnly() {
        return windowsOnly;
    }

    /** Adds ASKING if a slot may be on its way here; it counts for the next command, or transaction. */
    void ask(RespBuffer commands, boolean asking) {
        if (asking) {
            commands.command("ASKING");
        }
    }

    /** Reads the reply to {@link #ask}. */
    void asked(boolean asking) {
        if (asking) {
            Reply reply = link.reply();
            if (reply.isFailure()) {
                throw ScanRights.refused(link, options, "ASKING", reply);
            }
        }
    }

    /**
     * Adds what asks how large a key is, as far as that is needed.
     *
     * @param asking whether its slot may be on its way here
     */
    void look(RespBuffer commands, byte[] key, boolean asking) {
        if (facts.tellsMemory()) {
            ask(commands, asking);
            commands.begin(5)
                    .arg(MEMORY)
                    .arg(USAGE)
                    .arg(key)
                    .arg(SAMPLES)
                    .arg(options.memory().samples());
        }
        if (types != null) {
            ask(commands, asking);
            types.type(commands, key);
        }
    }

    /** Whether {@link #look} asks anything. */
    boolean looks() {
        return facts.tellsMemory() || types != null;
    }

    /** Reads the replies to {@link #look}. */
    Look looked(byte[] key, boolean asking) {
        long memory = 0;
        Reply refusal = null;
        if (facts.tellsMemory()) {
            asked(asking);
            Reply reply = link.reply();
            memory = reply instanceof Reply.Int bytes ? bytes.value() : 0;
            refusal = reply.isFailure() ? reply : null;
        }
        if (types == null) {
            return new Look(key, memory, null, refusal);
        }
        asked(asking);
        Reply type = link.reply();
        return type instanceof Reply.Status status
                ? new Look(key, memory, status.line(), refusal)
                : new Look(key, memory, null, type);
    }

    /**
     * Has keys read together that are small enough for it.
     *
     * @param most how many, at most
     */
    void sort(List<Look> looks, int most, ValueReader.Found found, Consumer<List<Look>> reader) {
        List<Look> together = new ArrayList<>(looks.size());
        long sum = 0;
        for (Look look : looks) {
            if (types != null && look.type() == null) {
                throw ScanRights.refused(link, options, "TYPE", look.refusal());
            }
            if (options.memory().bytes() > 0 && look.memory() > options.memory().bytes()) {
                found.beyondLimit(look.key(), look.memory());
            } else if (windowsOnly || isLarge(look)) {
                found.large(look.key());
            } else {
                long cost = types == null ? look.memory() : types.cost(look.type(), look.memory());
                if (!together.isEmpty() && (sum + cost > mostTogether() || together.size() == most)) {
                    reader.accept(together);
                    together.clear();
                    sum = 0;
                }
                together.add(look);
                sum += cost;
            }
        }
        if (!together.isEmpty()) {
            reader.accept(together);
        }
    }

    /** A dump is built in the server's memory before its length is known: that of a very large value is not asked for. */
    private boolean isLarge(Look look) {
        return types == null
                ? look.memory() / MEMORY_PER_DUMP > options.maxRecordBytes()
                : types.isLarge(look.type(), look.memory());
    }

    /** How much memory, together, the values may take that are asked for at a time. */
    private long mostTogether() {
        return types == null ? 4L * options.maxRecordBytes() : types.mostTogether();
    }

    /** Adds what asks for a key's value and expire time; two commands. */
    void value(RespBuffer commands, Look look) {
        if (types == null) {
            commands.command(DUMP, look.key());
        } else {
            types.value(commands, look.key(), look.type());
        }
        commands.command(facts.exactExpiry() ? PEXPIRETIME : PTTL, look.key());
    }

    /**
     * What is done about a transaction that was not executed.
     *
     * @throws RedisCdcException if there is nothing that could be
     */
    void refused(List<Look> keys, Reply refusal, ValueReader.Found found) {
        if (types == null) {
            throw ScanRights.refused(link, options, "the reading of keys", refusal);
        }
        if (!windowsOnly) {
            LOG.info("{} refuses DUMP and transactions: values are read one after the other", link.node());
        }
        windowsOnly = true;
        keys.forEach(look -> found.large(look.key()));
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
    boolean take(Look look, Reply value, Reply expiry, long nowMs, ValueReader.Found found) {
        return types == null
                ? takeDump(look.key(), value, expiry, nowMs, found)
                : takeValue(look, value, expiry, nowMs, found);
    }

    private boolean takeValue(Look look, Reply value, Reply expiry, long nowMs, ValueReader.Found found) {
        if (!(expiry instanceof Reply.Int expires)) {
            throw ScanRights.refused(link, options, facts.exactExpiry() ? "PEXPIRETIME" : "PTTL", expiry);
        }
        if (expires.value() == NO_KEY) {
            return false;
        }
        State state = types.state(look.type(), value, expireAtMs(expires, nowMs));
        if (state == null) {
            found.large(look.key());
        } else {
            found.state(look.key(), state);
        }
        return true;
    }

    private boolean takeDump(byte[] key, Reply dump, Reply expiry, long nowMs, ValueReader.Found found) {
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
                expireAtMs(expires, nowMs),
                null,
                null);
        found.state(key, state);
    }

    private static Long expireAtMs(Reply.Int expires, long nowMs) {
        return expires.value() < 0 ? null : nowMs + expires.value();
    }
}
