package io.rediscdc.standalone.process;

/** A server that should run does not. The message names it and ends with the last lines of its log. */
public final class ProcessException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ProcessException(String message) {
        super(message);
    }

    public ProcessException(String message, Throwable cause) {
        super(message, cause);
    }
}
