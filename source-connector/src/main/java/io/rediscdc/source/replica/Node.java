package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import java.io.Closeable;

/** A server that we are logged in to and that has said what it is. */
record Node(ReplicaLink link, Handshake handshake, NodeState state) implements Closeable {

    /**
     * Connects and logs in.
     *
     * @throws io.rediscdc.error.RedisCdcException as {@link ReplicaLink#open} and {@link Handshake}
     */
    static Node open(RedisAddress address, ReplicaOptions options, Cancellation cancellation) {
        ReplicaLink link = ReplicaLink.open(address, options.link(), cancellation);
        try {
            Handshake handshake = new Handshake(link, options.username(), options.password(), options.diskless());
            handshake.authenticate();
            handshake.ping();
            return new Node(link, handshake, handshake.state());
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
