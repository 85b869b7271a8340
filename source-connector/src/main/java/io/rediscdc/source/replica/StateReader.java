package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.State;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the states of keys from a server, together with the place in its history where they are so: within one {@code MULTI}
 * ({@link StateConnection}). Nothing else is executed within it, so the offset is that of the last command before it, and
 * all states are what the history up to there has made of the keys. On a connection of its own, which is kept. Used by one
 * thread; {@link #close()} may come from another.
 *
 * <p>In a cluster each key is read by itself, since two need not be in one slot. A key whose slot another shard has is
 * nobody's business here, and no failure: who reads that shard answers. Of a slot that is on its way here, a key that has
 * arrived is ours to answer (asked for after ASKING); one that has not is not, nor is one that has left already.
 */
final class StateReader implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(StateReader.class);
    /** How many keys may be asked for at a time: all of EXEC's reply has to fit into memory. */
    static final int MOST_KEYS = 16;

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
    private final StateLimits limits;
    private final StateRights rights;
    private final Cancellation cancellation = new Cancellation();

    /** Null for none. */
    private StateConnection connection;

    private int leftOut;

    StateReader(ReplicaOptions options, boolean clustered, Purpose purpose) {
        this.options = options;
        this.clustered = clustered;
        this.purpose = purpose;
        this.limits = StateLimits.of(options, purpose);
        this.rights = new StateRights(purpose, options.username(), clustered);
    }

    /**
     * Reads the states of keys from a node: of up to {@value #MOST_KEYS} that were asked for, or of the first of up to {@value
     * #MOST_CHANGED} that have changed. A value that was asked for and is too large is left out, and that is logged.
     *
     * @throws RedisCdcException CONNECTION or CONFIG if the server cannot be asked or refuses to say; the next call tries
     *     again. UNSUPPORTED if a key that has changed cannot be read
     */
    Answer read(RedisAddress node, List<ChangeKey> keys) {
        boolean kept = connection != null;
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
            return connection.offset();
        } finally {
            // States may never be asked for.
            disconnect();
        }
    }

    private void connect(RedisAddress node) {
        if (connection != null && connection.node().equals(node)) {
            return;
        }
        disconnect();
        connection = StateConnection.open(node, options, rights, limits, cancellation);
    }

    /** A dump is built in the server's memory before its length is known: that of a very large value is not asked for. */
    private List<Sized> small(List<ChangeKey> keys) {
        int db = -1;
        for (ChangeKey key : keys) {
            if (key.db() != db) {
                db = key.db();
                connection.select(db);
            }
            connection.askMemory(key);
        }
        List<Sized> small = new ArrayList<>(keys.size());
        boolean selected = true;
        db = -1;
        for (ChangeKey key : keys) {
            if (key.db() != db) {
                db = key.db();
                Reply reply = connection.reply("SELECT");
                selected = !reply.isFailure();
                if (!selected && purpose == Purpose.CHANGE) {
                    throw connection.refused("SELECT", reply);
                }
            }
            Reply usage = connection.reply("MEMORY USAGE");
            // A server before 4.0, or a user without that right, does not say.
            long bytes = usage instanceof Reply.Int number ? number.value() : 0;
            if (limits.isTooMuch(bytes)) {
                leftOut(key, limits.tooLarge("takes " + usage.text() + " bytes of memory"));
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
        small.forEach(key -> connection.ask(List.of(key)));
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
            connection.asking();
            connection.ask(List.of(key));
        }
        for (ChangeKey key : keys) {
            Reply asking = connection.reply("ASKING");
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
        Reply refused = connection.queued(1);
        Reply executed = connection.reply("EXEC");
        if (refused == null && executed instanceof Reply.Array array) {
            return new Reading(connection.states(List.of(key), askedMs, array.elements(), this::leftOut), false);
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
            throw new RedisCdcException(Category.CONNECTION, connection.node() + " says " + error);
        }
        throw connection.refused("the reading of a key's state", refused == null ? executed : refused);
    }

    private States readTogether(List<ChangeKey> keys) {
        long askedMs = System.currentTimeMillis();
        connection.ask(keys);
        Reply queued = connection.queued(keys.size());
        if (queued != null) {
            throw connection.refused("the reading of a key's state", queued);
        }
        Reply executed = connection.reply("EXEC");
        if (!(executed instanceof Reply.Array array)) {
            throw connection.refused("EXEC", executed);
        }
        return connection.states(keys, askedMs, array.elements(), this::leftOut);
    }

    private void leftOut(ChangeKey key, String why) {
        if (purpose == Purpose.CHANGE) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a key of " + key.key().length + " bytes in database " + key.db() + " of " + connection.node()
                            + " has changed, and its state cannot be read: it " + why);
        }
        leftOut++;
        LOG.warn(
                "The state of a key of {} bytes in database {} of {}, which was asked for, is left out: it {}; what the"
                        + " target has of it stays as it is",
                key.key().length,
                key.db(),
                connection.node(),
                why);
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    /** Ends it for good. */
    @Override
    public void close() {
        cancellation.cancel();
    }
}
