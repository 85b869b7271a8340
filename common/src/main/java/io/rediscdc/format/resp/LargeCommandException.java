package io.rediscdc.format.resp;

import java.io.IOException;

/** A command is larger than what is read at once; {@link CommandCutter} reads it in pieces. */
public final class LargeCommandException extends IOException {

    private static final long serialVersionUID = 1L;

    LargeCommandException(long most) {
        super("a command of more than " + most + " bytes");
    }
}
