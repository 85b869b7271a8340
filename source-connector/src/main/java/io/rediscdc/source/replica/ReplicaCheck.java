package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import java.io.Closeable;
import java.util.List;

/** Finds out whether a server would let us join as a replica, without joining: nothing is forked there, nothing sent. */
public final class ReplicaCheck implements Closeable {

    private static final String NO_HISTORY = "0".repeat(40);

    private final ReplicaOptions options;
    private final ReplicaLink link;
    private final Handshake handshake;
    private final String psync;

    private ReplicaCheck(ReplicaOptions options, ReplicaLink link, Handshake handshake, String psync) {
        this.options = options;
        this.link = link;
        this.handshake = handshake;
        this.psync = psync;
    }

    /**
     * Connects to one of the nodes.
     *
     * @param timeoutMs for the connection, and for each answer
     * @throws RedisCdcException CONNECTION, as every step throws it; see {@link Handshake} for the others
     */
    public static ReplicaCheck connect(RedisAddress node, ReplicaOptions options, long timeoutMs) {
        LinkOptions hasty = new LinkOptions(
                Math.min(timeoutMs, options.link().connectTimeoutMs()),
                timeoutMs,
                options.link().silenceTimeoutMs(),
                SpoolOptions.memory(Chunk.BYTES));
        ReplicaLink link = ReplicaLink.open(node, hasty, new Cancellation());
        return new ReplicaCheck(
                options,
                link,
                new Handshake(link, options.username(), options.password(), options.diskless()),
                options.psync().at(node));
    }

    public void login() {
        handshake.authenticate();
    }

    /** Asks whether the server is there for us: not loading, not wanting a login that we do not have. */
    public void serves() {
        handshake.ping();
    }

    /** Asks whether it is a node of a cluster, which is not read by the address of one. */
    public void isAlone() {
        Reply info = link.call("INFO", "cluster");
        // A user who may replicate need not be allowed to ask.
        if (!info.isFailure() && info.text().contains("cluster_enabled:1")) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    link.node() + " is a node of a cluster, and only its own slots would be read; name the cluster by"
                            + " redis.cluster.nodes instead");
        }
    }

    /**
     * Asks whether PSYNC is known and allowed, with a PSYNC that no server obeys: as part of a failover that there is
     * not, of a history that nobody has (replication.c, syncCommand). Servers before 6.2 say that it has an argument too
     * many; only the user's rights, which they check later, remain unknown then.
     */
    public void mayReplicate() {
        handshake.announce();
        Reply reply = link.call(psync, NO_HISTORY, "-1", "FAILOVER");
        if (!reply.isFailure()) {
            throw handshake.refusal("PSYNC", "it answered " + reply.text() + " to a failover of nobody's");
        }
        if (reply.text().startsWith("NOPERM") || reply.text().contains("unknown command")) {
            throw handshake.refusal("PSYNC", reply.text());
        }
    }

    /** Asks whether states of keys can be read, where the stream is to be told in states. */
    public void mayReadStates() {
        if (options.states() == null) {
            return;
        }
        ChangeKey none = ChangeKey.control(0, Op.SET, "check");
        try (StateReader reader = new StateReader(options, false, StateReader.Purpose.CHANGE)) {
            reader.read(link.node(), List.of(none));
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
