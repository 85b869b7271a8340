package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.State;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the states of keys from a server, together with the place in its history where they are so: {@code MULTI, SELECT,
 * DUMP, PEXPIRETIME, ..., INFO replication, EXEC}. Nothing else is executed within it, so the offset is that of the last
 * command before it, and all states are what the history up to there has made of the keys. On a connection of its own,
 * which is kept. Used by one thread; {@link #close()} may come from another.
 *
 * <p>In a cluster each key is read by itself, since two need not be in one slot. A key whose slot another shard has is
 * nobody's business here, and no failure: who reads that shard answers. Of a slot that is on its way here, a key that has
 * arrived is ours to answer (asked for after ASKING); one that has not is not, nor is one that has left already.
 */
final class StateReader implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(StateReader.class);
    private static final long PATIENCE_MS = 2_000;
    private static final int VERSION_WITH_PEXPIRETIME = 7;

    /** Memory that a value takes is more than its dump has, but not as much: so large a one is not asked for. */
    private static final int MEMORY_PER_DUMP = 4;

    /** How many keys may be asked for at a time: all of EXEC's reply has to fit into memory. */
    static final int MOST_KEYS = 16;

    private static final long ROOM = 1 << 20;

    /** MULTI, INFO, PING or TIME; SELECT, DUMP, PEXPIRETIME or PTTL; EXEC. */
    private static final int REPLIES_OF_ONE = 7;

    /** What states are read for. */
    enum Purpose {
        /** Somebody has asked: what cannot be read is left out. */
        REPAIR,
        /** Their keys have changed: what cannot be read is a failure. */
        CHANGE
    }

    /** How many keys that have changed are read at a time. */
    static final int MOST_CHANGED = 500;

    /** How much memory of the server those may take that are read together. */
    private static final long TOGETHER_BYTES = 8 << 20;

    /** A value of the size of a few elements more may take much more memory than its dump has. */
    private static final long LEAST_LIMIT = 4 << 20;

    /**
     * What was read.
     *
     * @param states by the place in the history where they are so
     * @param leftOut how many keys have no answer although they are ours
     */
    record Answer(List<States> states, int leftOut) {}

    /**
     * What was read at one place.
     *
     * @param offset of the last byte of the history that the states include
     * @param askedMs when the server was asked for them, ms since 1970: they are no older than that
     * @param replid of that history; null if the server does not say
     * @param states one for each key that could be read
     */
    record States(long offset, long askedMs, String replid, List<KeyState> states) {

        /** Whether the offset is one of this history. */
        boolean isOf(String history) {
            return replid == null || replid.equals(history);
        }
    }

    /** A key, and how much memory its value takes: 0 if the server does not say. */
    private record Sized(ChangeKey key, long bytes) {}

    /**
     * A key's state.
     *
     * @param state null if there is no such key
     */
    record KeyState(ChangeKey key, State state) {}

    private final ReplicaOptions options;
    private final boolean clustered;
    private final Purpose purpose;

    /** The most a dump may have. */
    private final long maxDumpBytes;

    private final Cancellation cancellation = new Cancellation();
    private ReplicaLink link;
    private Flavour flavour;
    private boolean exactExpiry;
    private int leftOut;

    StateReader(ReplicaOptions options, boolean clustered, Purpose purpose) {
        this.options = options;
        this.clustered = clustered;
        this.purpose = purpose;
        boolean cuts = purpose == Purpose.CHANGE && !options.isCompacted();
        this.maxDumpBytes = cuts
                ? Math.max(options.maxRecordBytes(), options.link().spool().memoryBytes())
                : options.maxRecordBytes();
    }

    /**
     * Reads the states of keys from a node: of up to {@value #MOST_KEYS} that were asked for, or of the first of up to {@value
     * #MOST_CHANGED} that have changed. A value that was asked for and is too large is left out, and that is logged.
     *
     * @throws RedisCdcException CONNECTION or CONFIG if the server cannot be asked or refuses to say; the next call tries
     *     again. UNSUPPORTED if a key that has changed cannot be read
     */
    Answer read(RedisAddress node, List<ChangeKey> keys) {
        boolean kept = link != null;
        try {
            connect(node);
            leftOut = 0;
            List<States> read = clustered ? readEach(keys) : List.of(readTogether(together(small(keys))));
            return new Answer(read, leftOut);
        } catch (RedisCdcException e) {
            disconnect();
            if (kept && e.isRetriable() && !cancellation.isCancelled()) {
                return read(node, keys); // the server may have closed it for its idleness
            }
            throw e;
        }
    }

    /**
     * Asks a node up to which offset it has executed its history.
     *
     * @return -1 if it does not say
     * @throws RedisCdcException as {@link #read}
     */
    long offset(RedisAddress node) {
        try {
            connect(node);
            Reply info = link.call("INFO", "replication");
            return info instanceof Reply.Bulk ? NodeState.offset(info.text()) : -1;
        } finally {
            // States may never be asked for.
            disconnect();
        }
    }

    private void connect(RedisAddress node) {
        if (link != null && link.node().equals(node)) {
            return;
        }
        disconnect();
        LinkOptions hasty = new LinkOptions(
                Math.min(PATIENCE_MS, options.link().connectTimeoutMs()),
                PATIENCE_MS,
                Long.MAX_VALUE / 1_000_000,
                SpoolOptions.memory(ROOM + spoolBytes()));
        link = ReplicaLink.open(node, hasty, cancellation);
        cancellation.guard(link);
        new Handshake(link, options.username(), options.password(), false).authenticate();
        Reply info = link.call("INFO", "server");
        if (info.isFailure()) {
            throw refused("INFO", info);
        }
        flavour = info.text().contains("valkey_version:") ? Flavour.VALKEY : Flavour.REDIS;
        exactExpiry = major(info.text()) >= VERSION_WITH_PEXPIRETIME;
    }

    /** For the largest reply. */
    private long spoolBytes() {
        return purpose == Purpose.REPAIR
                ? (long) MOST_KEYS * MEMORY_PER_DUMP * options.maxRecordBytes()
                : Math.max(
                        MEMORY_PER_DUMP * Math.max(LEAST_LIMIT, maxDumpBytes),
                        (long) MOST_KEYS * MEMORY_PER_DUMP * options.maxRecordBytes());
    }

    /** A dump is built in the server's memory before its length is known: that of a very large value is not asked for. */
    private List<Sized> small(List<ChangeKey> keys) {
        long limit = purpose == Purpose.REPAIR ? maxDumpBytes : Math.max(LEAST_LIMIT, maxDumpBytes);
        int db = -1;
        for (ChangeKey key : keys) {
            if (key.db() != db) {
                db = key.db();
                link.send(ascii("SELECT"), ascii(Integer.toString(db)));
            }
            link.send(ascii("MEMORY"), ascii("USAGE"), key.key());
        }
        List<Sized> small = new ArrayList<>(keys.size());
        boolean selected = true;
        db = -1;
        for (ChangeKey key : keys) {
            if (key.db() != db) {
                db = key.db();
                Reply reply = link.reply("SELECT");
                selected = !reply.isFailure();
                if (!selected && purpose == Purpose.CHANGE) {
                    throw refused("SELECT", reply);
                }
            }
            Reply usage = link.reply("MEMORY USAGE");
            // A server before 4.0, or a user without that right, does not say.
            long bytes = usage instanceof Reply.Int number ? number.value() : 0;
            if (bytes / MEMORY_PER_DUMP > limit) {
                leftOut(key, tooLarge("takes " + usage.text() + " bytes of memory"));
            } else if (selected) {
                small.add(new Sized(key, usage.isFailure() ? TOGETHER_BYTES / MOST_KEYS : bytes));
            } else {
                leftOut(key, "is in a database that the server does not have");
            }
        }
        return small;
    }

    /**
     * As many of them, of the first ones, as may be read at once: nothing else is executed meanwhile, and all of it has to fit into
     * memory. The others, which have changed, are not lost by that.
     */
    private List<ChangeKey> together(List<Sized> keys) {
        List<ChangeKey> together = new ArrayList<>(keys.size());
        long bytes = 0;
        for (Sized key : keys) {
            bytes += key.bytes();
            if (purpose == Purpose.CHANGE && !together.isEmpty() && bytes > TOGETHER_BYTES) {
                break;
            }
            together.add(key.key());
        }
        return together;
    }

    private List<States> readEach(List<ChangeKey> keys) {
        List<States> read = new ArrayList<>(keys.size());
        List<ChangeKey> small = small(keys).stream().map(Sized::key).toList();
        long askedMs = System.currentTimeMillis();
        small.forEach(key -> send(List.of(key)));
        List<ChangeKey> elsewhere = new ArrayList<>();
        for (ChangeKey key : small) {
            Reading reading = reading(key, askedMs);
            if (reading.states() != null) {
                read.add(reading.states());
            } else if (reading.isMoved()) {
                elsewhere.add(key);
            }
        }
        if (!elsewhere.isEmpty()) {
            readArrived(elsewhere, read);
        }
        return read;
    }

    /** Tries whether their slots are on their way here, and the keys have come already. */
    private void readArrived(List<ChangeKey> keys, List<States> read) {
        long askedMs = System.currentTimeMillis();
        for (ChangeKey key : keys) {
            link.send(ascii("ASKING"));
            send(List.of(key));
        }
        for (ChangeKey key : keys) {
            Reply asking = link.reply("ASKING");
            States states = reading(key, askedMs).states();
            boolean isHere = states != null && states.states().stream().anyMatch(state -> state.state() != null);
            if (isHere && !asking.isFailure()) {
                read.add(states);
            }
        }
    }

    /**
     * What came of reading one key.
     *
     * @param states null where another shard has its slot, or the key
     * @param isMoved whether this shard does not own the slot
     */
    private record Reading(States states, boolean isMoved) {}

    private Reading reading(ChangeKey key, long askedMs) {
        Reply refused = null;
        for (int i = 1; i < REPLIES_OF_ONE; i++) {
            Reply queued = link.reply("a command within MULTI");
            if (queued.isFailure() && refused == null) {
                refused = queued;
            }
        }
        Reply executed = link.reply("EXEC");
        if (refused == null && executed instanceof Reply.Array array) {
            return new Reading(states(List.of(key), askedMs, array.elements()), false);
        }
        String error =
                refused == null && executed.isFailure() ? executed.text() : refused == null ? "" : refused.text();
        if (error.startsWith("MOVED")) {
            return new Reading(null, true);
        }
        if (error.startsWith("ASK ") || error.startsWith("TRYAGAIN")) {
            return new Reading(null, false);
        }
        if (error.startsWith("CLUSTERDOWN")) {
            throw new RedisCdcException(Category.CONNECTION, link.node() + " says " + error);
        }
        throw refused("the reading of a key's state", refused == null ? executed : refused);
    }

    private States readTogether(List<ChangeKey> keys) {
        long askedMs = System.currentTimeMillis();
        int replies = send(keys);
        for (int i = 1; i < replies; i++) {
            Reply queued = link.reply("a command within MULTI");
            if (queued.isFailure()) {
                throw refused("the reading of a key's state", queued);
            }
        }
        Reply executed = link.reply("EXEC");
        if (!(executed instanceof Reply.Array array)) {
            throw refused("EXEC", executed);
        }
        return states(keys, askedMs, array.elements());
    }

    /** Returns the number of replies to come. */
    private int send(List<ChangeKey> keys) {
        link.send(ascii("MULTI"));
        link.send(ascii("INFO"), ascii("replication"));
        link.send(exactExpiry ? ascii("PING") : ascii("TIME"));
        int sent = 3;
        for (ChangeKey key : keys) {
            link.send(ascii("SELECT"), ascii(Integer.toString(key.db())));
            link.send(ascii("DUMP"), key.key());
            link.send(ascii(exactExpiry ? "PEXPIRETIME" : "PTTL"), key.key());
            sent += 3;
        }
        link.send(ascii("EXEC"));
        return sent + 1;
    }

    private States states(List<ChangeKey> keys, long askedMs, List<Reply> replies) {
        String info = replies.get(0).text();
        long offset = NodeState.offset(info);
        if (offset < 0) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED, link.node() + " does not say where its history stands (master_repl_offset)");
        }
        long nowMs = exactExpiry ? 0 : millis(replies.get(1));
        List<KeyState> states = new ArrayList<>(keys.size());
        int next = 2;
        for (ChangeKey key : keys) {
            Reply selected = replies.get(next++);
            Reply dump = replies.get(next++);
            Reply expiry = replies.get(next++);
            if (selected.isFailure() || dump.isFailure()) {
                leftOut(key, "is refused with: " + (dump.isFailure() ? dump : selected).text());
            } else if (!(dump instanceof Reply.Bulk bulk) || !(expiry instanceof Reply.Int expires)) {
                states.add(new KeyState(key, null));
            } else if (bulk.bytes().length > maxDumpBytes) {
                leftOut(key, tooLarge("has a dump of " + bulk.bytes().length + " bytes"));
            } else {
                states.add(new KeyState(key, state(bulk.bytes(), expires.value(), nowMs)));
            }
        }
        return new States(offset, askedMs, NodeState.replid(info), states);
    }

    private State state(byte[] dump, long expires, long nowMs) {
        return new State(
                DumpPayload.type(dump, flavour).typeName(),
                dump,
                flavour,
                DumpPayload.rdbVersion(dump),
                expires < 0 ? null : nowMs + expires,
                null,
                null);
    }

    private void leftOut(ChangeKey key, String why) {
        if (purpose == Purpose.CHANGE) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a key of " + key.key().length + " bytes in database " + key.db() + " of " + link.node()
                            + " has changed, and its state cannot be read: it " + why);
        }
        leftOut++;
        LOG.warn(
                "The state of a key of {} bytes in database {} of {}, which was asked for, is left out: it {}; what the"
                        + " target has of it stays as it is",
                key.key().length,
                key.db(),
                link.node(),
                why);
    }

    private String tooLarge(String what) {
        if (maxDumpBytes > options.maxRecordBytes()) {
            return what + ", and at most " + maxDumpBytes + " (spool.memory.bytes) are read at a time; raise it, or use"
                    + " change.format=commands";
        }
        return what + ", and a record has at most " + maxDumpBytes + " (max.record.bytes)";
    }

    private RedisCdcException refused(String what, Reply reply) {
        String said = reply instanceof Reply.Nil ? "nothing" : reply.isFailure() ? reply.text() : "something else";
        String user = options.username() == null ? "default" : options.username();
        // Busy with a script, loading and the like pass; who is not allowed to stays so.
        boolean isForGood = said.startsWith("NOPERM") || said.startsWith("EXECABORT") || said.contains("unknown ");
        return new RedisCdcException(
                purpose == Purpose.REPAIR || isForGood ? Category.CONFIG : Category.CONNECTION,
                link.node() + " answered " + what + " with: " + said + "; "
                        + (purpose == Purpose.REPAIR ? "repairs need" : "change.format=state needs") + " ACL SETUSER "
                        + user + (purpose == Purpose.REPAIR ? "" : " +psync +replconf +ping") + " ~* "
                        + (clustered ? "+asking " : "") + "+multi +exec +select +dump +"
                        + (exactExpiry ? "pexpiretime" : "pttl +time")
                        + " +info +memory|usage");
    }

    private static int major(String info) {
        int at = info.indexOf("redis_version:");
        int from = at + "redis_version:".length();
        int dot = at < 0 ? -1 : info.indexOf('.', from);
        return dot < 0 ? 0 : Integer.parseInt(info.substring(from, dot));
    }

    /** Of TIME: seconds and microseconds. */
    private static long millis(Reply time) {
        List<Reply> parts = ((Reply.Array) time).elements();
        return Long.parseLong(parts.get(0).text()) * 1_000
                + Long.parseLong(parts.get(1).text()) / 1_000;
    }

    private void disconnect() {
        if (link != null) {
            link.close();
            link = null;
        }
    }

    /** Ends it for good. */
    @Override
    public void close() {
        cancellation.cancel();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
