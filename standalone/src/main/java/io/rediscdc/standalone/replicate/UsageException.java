package io.rediscdc.standalone.replicate;

/** What was asked for cannot be done as it was asked; the message names the field or the server, and the way out. */
public final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
