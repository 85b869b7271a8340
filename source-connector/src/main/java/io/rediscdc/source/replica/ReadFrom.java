package io.rediscdc.source.replica;

/** Which of a shard's nodes to read from. */
public enum ReadFrom {
    /** A replica that is in step with its master; the master if there is none. */
    REPLICA_PREFERRED,
    /** The master, and nothing else. */
    MASTER,
    /** The first that answers, in the order given. */
    ANY;

    boolean accepts(NodeState state) {
        return this != MASTER || state.isMaster();
    }

    boolean prefers(NodeState state) {
        return switch (this) {
            case REPLICA_PREFERRED -> !state.isMaster() && state.inStep();
            case MASTER -> state.isMaster();
            case ANY -> true;
        };
    }
}
