package io.rediscdc.error;

/** The sentinels do not say who is master. CONNECTION where they may later; else CONFIG. */
public final class SentinelException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    /** What has to be looked at. */
    public enum Fault {
        /** None can be reached, or what answers is no sentinel. */
        NODES,
        /** They do not let us in, or forbid us to ask. */
        LOGIN,
        /** They do not know the name. */
        MASTER
    }

    private final Fault fault;

    public SentinelException(Category category, Fault fault, String message) {
        super(category, message);
        this.fault = fault;
    }

    public SentinelException(Category category, Fault fault, String message, Throwable cause) {
        super(category, message, cause);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}
