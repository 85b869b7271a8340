package io.rediscdc.source.replica;

import java.io.IOException;
import java.io.InputStream;

/**
 * A stretch of the bytes of a {@link Spool}, in memory or in its file. The spool's lock guards all of it but the bytes: the filling
 * thread writes those behind {@link #written} without it, the reading thread reads those before without it.
 */
final class Chunk {

    static final int BYTES = 128 * 1024;

    /** Null while it lies in the file. */
    private byte[] bytes;

    /** Null while it lies in memory. */
    private SpoolFile.Place place;

    private int written;

    /** The next one; null for the one that is being filled. */
    Chunk following;

    /** When its first byte came ({@link System#nanoTime()}), or a little before. */
    private final long since;

    /** When its last byte so far came. */
    private long until;

    /** Empty. */
    Chunk(byte[] bytes, long now) {
        this.bytes = bytes;
        this.since = now;
        this.until = now;
    }

    /** Reads once from a stream, without the lock: {@link #added} then says so to the reading thread. */
    int read(InputStream from) throws IOException {
        return from.read(bytes, written, BYTES - written);
    }

    void added(int count, long now) {
        written += count;
        until = now;
    }

    void movedToFile(SpoolFile.Place where) {
        bytes = null;
        place = where;
    }

    void movedToMemory(byte[] memory) {
        bytes = memory;
        place = null;
    }

    boolean isFull() {
        return written == BYTES;
    }

    boolean isInFile() {
        return place != null;
    }

    byte[] bytes() {
        return bytes;
    }

    SpoolFile.Place place() {
        return place;
    }

    int written() {
        return written;
    }

    long since() {
        return since;
    }

    long until() {
        return until;
    }
}
