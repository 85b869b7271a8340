package io.rediscdc.sink.target;

import io.rediscdc.error.RedisCdcException;

/** Where a writer writes to: one server at a time. */
public interface Target {

    /**
     * A new connection, logged in.
     *
     * @throws RedisCdcException CONFIG, CONNECTION or PROTOCOL, with the server and the remedy
     */
    TargetConnection connect();

    /** Whether a connection leads to what was the master, and another one has been named since. */
    boolean isDeposed(TargetConnection connection);

    /** Whether what is connected to has to be a node of a cluster; else it must not be one. */
    boolean isCluster();
}
