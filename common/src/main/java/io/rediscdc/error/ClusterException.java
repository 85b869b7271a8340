package io.rediscdc.error;

/** A cluster cannot be used as it is. CONNECTION where it may be later; else CONFIG. */
public final class ClusterException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    /** What has to be looked at. */
    public enum Fault {
        /** No node can be reached, or what answers is no cluster, or no whole one. */
        NODES,
        /** They do not let us in. */
        LOGIN,
        /** They forbid us to ask. */
        RIGHTS
    }

    private final Fault fault;

    public ClusterException(Category category, Fault fault, String message) {
        super(category, message);
        this.fault = fault;
    }

    public ClusterException(Category category, Fault fault, String message, Throwable cause) {
        super(category, message, cause);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}
