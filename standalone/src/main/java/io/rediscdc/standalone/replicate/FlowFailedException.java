package io.rediscdc.standalone.replicate;

/** A connector, one of its tasks or a server that it needs has failed; the message is theirs, in plain words. */
public final class FlowFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public FlowFailedException(String message) {
        super(message);
    }
}
