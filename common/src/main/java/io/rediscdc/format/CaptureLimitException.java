package io.rediscdc.format;

import java.io.IOException;

/** What is being captured is larger than the reader is ready to hold. */
public final class CaptureLimitException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long length;

    CaptureLimitException(long length, long most) {
        super("captured " + length + " bytes of at most " + most);
        this.length = length;
    }

    /** Number of bytes seen when it was found to be too large; there can be more of it. */
    public long length() {
        return length;
    }
}
