package io.rediscdc.standalone.process;

/** The worker's REST interface refused a request, or cannot be reached (status 0). */
public final class ConnectRestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    ConnectRestException(int status, String message) {
        super(message);
        this.status = status;
    }

    ConnectRestException(String message, Throwable cause) {
        super(message, cause);
        this.status = 0;
    }

    /** HTTP status; 0 if there was no answer. */
    public int status() {
        return status;
    }
}
