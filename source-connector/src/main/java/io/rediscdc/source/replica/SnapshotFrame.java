package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a server sends around a snapshot, so that its end can be told (replication.c): {@code $<bytes>} before one whose length
 * is known, as it lies in a file, or {@code $EOF:<marker>} before one that is made while it is sent, and the marker again after
 * it.
 */
final class SnapshotFrame {

    private static final String EOF = "$EOF:";
    private static final int MARKER_BYTES = 40;

    private final long bytes;

    /** Empty where the length is known. */
    private final byte[] marker;

    private SnapshotFrame(long bytes, byte[] marker) {
        this.bytes = bytes;
        this.marker = marker;
    }

    /**
     * Reads the line before a snapshot.
     *
     * @throws RedisCdcException PROTOCOL if it is none
     */
    static SnapshotFrame of(String line) {
        if (line.startsWith(EOF) && line.length() == EOF.length() + MARKER_BYTES) {
            return new SnapshotFrame(0, line.substring(EOF.length()).getBytes(StandardCharsets.US_ASCII));
        }
        if (line.startsWith("$")) {
            return new SnapshotFrame(ServerLine.number(line.substring(1), line), new byte[0]);
        }
        throw ServerLine.unexpected("announced its snapshot with '" + line + "'");
    }

    /** Whether something follows the snapshot that {@link #readMarker} is to read. */
    boolean hasMarker() {
        return marker.length > 0;
    }

    /**
     * Where the length is known: the snapshot has ended.
     *
     * @throws RedisCdcException PROTOCOL if it had another one
     */
    void checkLength(long read) {
        if (read != bytes) {
            throw ServerLine.unexpected("sent a snapshot of " + read + " bytes and announced " + bytes);
        }
    }

    /**
     * Reads the marker.
     *
     * @throws Spool.Stalled if it has not arrived whole
     * @throws RedisCdcException PROTOCOL if it is another one
     */
    void readMarker(Spool spool) throws IOException {
        spool.mark();
        byte[] found = new byte[MARKER_BYTES];
        spool.readFully(found, 0, MARKER_BYTES);
        if (!Arrays.equals(found, marker)) {
            throw ServerLine.unexpected("did not end its snapshot with the marker it had announced");
        }
    }
}
