package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ServerTime;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.State;
import io.rediscdc.source.replica.StateReader.KeyState;
import io.rediscdc.source.replica.StateReader.States;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A connection to a server of which states are read: {@code MULTI, INFO replication, SELECT, DUMP, PEXPIRETIME, ..., EXEC}, or with
 * {@code TIME} and {@code PTTL} before Redis 7. It knows how the server is to be asked, and what its replies mean. Used by one
 * thread.
 */
final class StateConnection implements Closeable {

    private static final long PATIENCE_MS = 2_000;
    private static final int VERSION_WITH_PEXPIRETIME = 7;
    private static final long ROOM = 1 << 20;

    private final ReplicaLink link;
    private final StateRights rights;
    private final StateLimits limits;
    private final Flavour flavour;
    private final boolean exactExpiry;

    private StateConnection(
            ReplicaLink link, StateRights rights, StateLimits limits, Flavour flavour, boolean exactExpiry) {
        this.link = link;
        this.rights = rights;
        this.limits = limits;
        this.flavour = flavour;
        this.exactExpiry = exactExpiry;
    }

    /**
     * Connects and logs in.
     *
     * @param cancellation hangs up, also later
     * @throws RedisCdcException CONNECTION or CONFIG if the server cannot be reached, or refuses
     */
    static StateConnection open(
            RedisAddress node,
            ReplicaOptions options,
            StateRights rights,
            StateLimits limits,
            Cancellation cancellation) {
        LinkOptions hasty = new LinkOptions(
                Math.min(PATIENCE_MS, options.link().connectTimeoutMs()),
                PATIENCE_MS,
                Long.MAX_VALUE / 1_000_000,
                SpoolOptions.memory(ROOM + limits.replyBytes()));
        ReplicaLink link = ReplicaLink.open(node, hasty, cancellation);
        try {
            cancellation.guard(link);
            new Handshake(link, options.username(), options.password(), false).authenticate();
            Reply info = link.call("INFO", "server");
            if (info.isFailure()) {
                throw rights.refused(node, "INFO", info, false);
            }
            Flavour flavour = info.text().contains("valkey_version:") ? Flavour.VALKEY : Flavour.REDIS;
            return new StateConnection(link, rights, limits, flavour, major(info.text()) >= VERSION_WITH_PEXPIRETIME);
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    RedisAddress node() {
        return link.node();
    }

    /** Up to which offset the server has executed its history; -1 if it does not say. */
    long offset() {
        Reply info = link.call("INFO", "replication");
        return info instanceof Reply.Bulk ? NodeState.offset(info.text()) : -1;
    }

    /** Asks how much memory a key's value takes, in the database selected. */
    void askMemory(ChangeKey key) {
        link.send(ascii("MEMORY"), ascii("USAGE"), key.key());
    }

    void select(int db) {
        link.send(ascii("SELECT"), ascii(Integer.toString(db)));
    }

    /** In a cluster: what is asked next may be of a slot that is on its way here. */
    void asking() {
        link.send(ascii("ASKING"));
    }

    /** Asks for the states of keys, as they are together. */
    void ask(List<ChangeKey> keys) {
        link.send(ascii("MULTI"));
        link.send(ascii("INFO"), ascii("replication"));
        link.send(exactExpiry ? ascii("PING") : ascii("TIME"));
        for (ChangeKey key : keys) {
            select(key.db());
            link.send(ascii("DUMP"), key.key());
            link.send(ascii(exactExpiry ? "PEXPIRETIME" : "PTTL"), key.key());
        }
        link.send(ascii("EXEC"));
    }

    /** The next reply to what was asked. */
    Reply reply(String to) {
        return link.reply(to);
    }

    /**
     * Reads what comes before EXEC's own reply, after {@link #ask} for so many keys.
     *
     * @return the first failure, null if there is none
     */
    Reply queued(int keys) {
        Reply refused = null;
        for (int i = 0; i < 3 + 3 * keys; i++) {
            Reply queued = link.reply("a command within MULTI");
            if (queued.isFailure() && refused == null) {
                refused = queued;
            }
        }
        return refused;
    }

    /**
     * What the elements of EXEC's reply say.
     *
     * @param leftOut told the keys whose states are not among them, and why
     */
    States states(List<ChangeKey> keys, long askedMs, List<Reply> replies, BiConsumer<ChangeKey, String> leftOut) {
        String info = replies.get(0).text();
        long offset = NodeState.offset(info);
        if (offset < 0) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED, link.node() + " does not say where its history stands (master_repl_offset)");
        }
        long nowMs = exactExpiry ? 0 : ServerTime.millis(replies.get(1));
        List<KeyState> states = new ArrayList<>(keys.size());
        int next = 2;
        for (ChangeKey key : keys) {
            Reply selected = replies.get(next++);
            Reply dump = replies.get(next++);
            Reply expiry = replies.get(next++);
            if (selected.isFailure() || dump.isFailure()) {
                leftOut.accept(key, "is refused with: " + (dump.isFailure() ? dump : selected).text());
            } else if (!(dump instanceof Reply.Bulk bulk) || !(expiry instanceof Reply.Int expires)) {
                states.add(new KeyState(key, null));
            } else if (bulk.bytes().length > limits.maxDumpBytes()) {
                leftOut.accept(key, limits.tooLarge("has a dump of " + bulk.bytes().length + " bytes"));
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

    /** What to throw where the server does not answer as it should. */
    RedisCdcException refused(String what, Reply reply) {
        return rights.refused(link.node(), what, reply, exactExpiry);
    }

    private static int major(String info) {
        int at = info.indexOf("redis_version:");
        int from = at + "redis_version:".length();
        int dot = at < 0 ? -1 : info.indexOf('.', from);
        return dot < 0 ? 0 : Integer.parseInt(info.substring(from, dot));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        link.close();
    }
}
