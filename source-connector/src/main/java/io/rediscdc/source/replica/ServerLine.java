package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.IOException;

/** A line that a server sends before its snapshot or stream: outside RESP, since a master may send newlines before it. */
final class ServerLine {

    private static final int MAX_BYTES = 1024;

    private ServerLine() {}

    /**
     * Reads one, without the bare newlines that a server sends before it to say that it is alive.
     *
     * @throws Spool.Stalled if it has not arrived whole
     */
    static String read(Spool spool) throws IOException {
        spool.mark();
        StringBuilder line = new StringBuilder();
        while (true) {
            char c = (char) spool.readUnsignedByte();
            if (c == '\n' && line.length() > 0) {
                return line.toString();
            }
            if (c == '\n') {
                spool.mark();
            } else if (c != '\r') {
                line.append(c);
            }
            if (line.length() > MAX_BYTES) {
                throw unexpected("sent a line of more than " + MAX_BYTES + " bytes");
            }
        }
    }

    /** A number that a line has. */
    static long number(String number, String line) {
        try {
            return Long.parseLong(number);
        } catch (NumberFormatException e) {
            throw new RedisCdcException(Category.PROTOCOL, "the server sent '" + line + "' where a number belongs", e);
        }
    }

    /** What to throw where a server did something else than it should. */
    static RedisCdcException unexpected(String what) {
        return new RedisCdcException(Category.PROTOCOL, "the server " + what);
    }
}
