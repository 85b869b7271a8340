package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import java.io.Closeable;

/** Finds out whether a server would let us join as a replica, without joining: nothing is forked there, nothing sent. */
public final class ReplicaCheck implements Closeable {

    private final ReplicaLink link;
    private final Handshake handshake;

    private ReplicaCheck(ReplicaLink link, Handshake handshake) {
        this.link = link;
        this.handshake = handshake;
    }

    /**
     * Connects.
     *
     * @param timeoutMs for the connection, and for each answer
     * @throws RedisCdcException CONNECTION, as every step throws it; see {@link Handshake} for the others
     */
    public static ReplicaCheck connect(ReplicaOptions options, long timeoutMs) {
        LinkOptions hasty = new LinkOptions(
                Math.min(timeoutMs, options.link().connectTimeoutMs()),
                timeoutMs,
                options.link().silenceTimeoutMs(),
                options.link().spoolBytes());
        ReplicaLink link = ReplicaLink.open(options.node(), hasty);
        return new ReplicaCheck(link, new Handshake(link, options.username(), options.password(), options.diskless()));
    }

    public void login() {
        handshake.authenticate();
    }

    /** Asks whether the server is there for us: not loading, not wanting a login that we do not have. */
    public void serves() {
        handshake.ping();
    }

    /**
     * Asks whether PSYNC is known and allowed. Inside MULTI it is either queued or refused as no command for
     * transactions, but only after the server has looked it up and checked the user's rights (server.c, processCommand).
     */
    public void mayReplicate() {
        handshake.announce();
        Reply multi = link.call("MULTI");
        Reply psync = link.call("PSYNC", "?", "-1");
        if (!multi.isError()) {
            link.call("DISCARD");
        }
        if (psync.isError() && !psync.text().contains("transaction")) {
            throw handshake.refusal("PSYNC", psync.text());
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
