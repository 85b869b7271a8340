package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded queue of bytes between the network thread, which fills it, and the decoder, which reads it as a
 * {@link ByteInput}. Bytes are read from the socket into the chunk they are decoded from: nothing is copied between.
 *
 * <p>The reading side can {@link #mark()} the start of an item. A read that finds nothing within the patience set by
 * {@link #patience(long)} throws {@link Stalled}; {@link #rewind()} then goes back to the mark, so that a decoder never
 * has to block a thread in the middle of an item. Chunks are kept from the mark on, so an item may not be larger than
 * the spool's memory.
 *
 * <p>What is larger is read {@link #straightOn}: by a thread that can wait in the middle of it.
 *
 * <p>When memory is full, the newest chunk goes to a {@link SpoolFile}, if there is one. From then on only the chunk being
 * filled takes memory on that side, and what the reader gives back serves to bring chunks in again, until none is left
 * in the file. A spool that memory suffices for never sees the file.
 *
 * <p>One thread fills, one thread reads; {@link #close()} and {@link #fail} may come from any.
 */
final class Spool extends ByteInput {

    /** Nothing arrived in time. Carries no stack trace: it is an ordinary event of a quiet source. */
    static final class Stalled extends IOException {
        private static final long serialVersionUID = 1L;

        Stalled() {
            super("nothing arrived in time");
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    /** What a reader does that cannot go back, where nothing arrives in time. */
    interface Pause {

        /** Returns when it is time to look again. */
        void await() throws IOException;

        /** The spool is closed: there will never be anything. May come from any thread. */
        void end();
    }

    static final int CHUNK_BYTES = 128 * 1024;

    /** What {@link #fill} answers when there was no room. */
    static final int FULL = -2;

    private static final byte[] NOTHING = {};

    private static final class Chunk {
        /** Null while it lies in the file. */
        byte[] bytes;

        SpoolFile.Place place;
        int written;
        Chunk following;

        /** When its first byte came ({@link System#nanoTime()}), or a little before. */
        final long since;

        /** When its last byte so far came. */
        long until;

        Chunk(byte[] bytes, long since) {
            this.bytes = bytes;
            this.since = since;
            this.until = since;
        }
    }

    private final int maxChunks;
    private final SpoolFile file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition freed = lock.newCondition();

    // Guarded by the lock.
    private final Deque<byte[]> free = new ArrayDeque<>();
    private int chunksInMemory;
    private int chunksInFile;
    private long filled;
    private boolean closed;

    /** When there was nothing to read last ({@link System#nanoTime()}). */
    private long emptyAt = System.nanoTime();

    private RedisCdcException failure;

    // Written by the filling thread with the lock held; what a chunk says of itself is guarded by the lock too.
    private Chunk filling;

    // Written by the reading thread with the lock held.
    private Chunk reading;

    // Owned by the reading thread.
    private Chunk marked;
    private int markedNext;
    private long patienceNanos;
    private long patienceEnds;

    /** Null unless what is read is given back at once. Set by the reading thread. */
    private volatile Pause pause;

    Spool(SpoolOptions options) {
        super(NOTHING, 0, 0);
        this.maxChunks = (int) Math.max(2, Math.min(Integer.MAX_VALUE, options.memoryBytes() / CHUNK_BYTES));
        this.file =
                options.fileBytes() == 0 ? null : new SpoolFile(options.directory(), options.fileBytes(), CHUNK_BYTES);
    }

    // ---- the filling side

    /**
     * Reads once from the stream into the spool.
     *
     * @return number of bytes, -1 at the end of the stream, {@link #FULL} if there was no room for that long
     */
    int fill(InputStream from, long patienceMs) throws IOException {
        if ((filling == null || filling.written == CHUNK_BYTES) && !appendChunk(patienceMs)) {
            return FULL;
        }
        int n = from.read(filling.bytes, filling.written, CHUNK_BYTES - filling.written);
        if (n > 0) {
            lock.lock();
            try {
                if (unread() == 0) {
                    emptyAt = System.nanoTime();
                }
                filling.written += n;
                filling.until = System.nanoTime();
                filled += n;
                arrived.signal();
            } finally {
                lock.unlock();
            }
        }
        return n;
    }

    private boolean appendChunk(long patienceMs) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(patienceMs);
            while (true) {
                // What the reader gives back is for chunks of the file as long as there are any.
                byte[] bytes = chunksInFile == 0 || closed ? takeMemory(maxChunks) : null;
                if (bytes == null) {
                    bytes = spillNewest();
                }
                if (bytes != null) {
                    append(new Chunk(bytes, System.nanoTime()));
                    return true;
                }
                if (left <= 0) {
                    return false;
                }
                left = freed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void append(Chunk chunk) {
        if (filling != null) {
            filling.following = chunk;
        } else {
            marked = chunk;
            reading = chunk;
        }
        filling = chunk;
    }

    /** Memory for a chunk, or null if so many are in use. */
    private byte[] takeMemory(int most) {
        if (chunksInMemory >= most && !closed) {
            return null;
        }
        chunksInMemory++;
        return free.isEmpty() ? new byte[CHUNK_BYTES] : free.pop();
    }

    /** Puts the newest chunk, which is full, into the file; answers the memory it was in, or null if that cannot be. */
    private byte[] spillNewest() {
        Chunk newest = filling;
        if (file == null || newest == reading || closed) {
            return null;
        }
        SpoolFile.Place place;
        lock.unlock();
        try {
            place = file.write(newest.bytes);
        } finally {
            lock.lock();
        }
        if (place == null) {
            return null;
        }
        if (newest == reading) {
            // The reader came by meanwhile and reads it where it is.
            file.release(place);
            return takeMemory(maxChunks);
        }
        byte[] bytes = newest.bytes;
        newest.bytes = null;
        newest.place = place;
        chunksInFile++;
        return bytes;
    }

    /** Ends the spool with an error, which the reader meets after the last byte. */
    void fail(RedisCdcException cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes both sides for good, and gives the file back. */
    void close() {
        lock.lock();
        try {
            closed = true;
            arrived.signalAll();
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        Pause pausing = pause;
        if (pausing != null) {
            pausing.end();
        }
        if (file != null) {
            file.close();
        }
    }

    // ---- the reading side

    /** How long a read may wait for bytes before it throws {@link Stalled}; counted anew for each wait. */
    void patience(long ms) {
        patienceNanos = TimeUnit.MILLISECONDS.toNanos(ms);
        patienceEnds = System.nanoTime() + patienceNanos;
    }

    /** Waits until there is something to read, or an error to meet. */
    boolean await(long patienceMs) {
        if (buffered() > 0) {
            return true;
        }
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(patienceMs);
            while (unread() == 0 && failure == null && !closed) {
                if (left <= 0) {
                    return false;
                }
                left = arrived.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Number of bytes received so far. */
    long received() {
        lock.lock();
        try {
            return filled;
        } finally {
            lock.unlock();
        }
    }

    /** Number of bytes received and not read yet. */
    long backlog() {
        lock.lock();
        try {
            return unread();
        } finally {
            lock.unlock();
        }
    }

    /** Number of bytes received, not read yet, and kept in files. */
    long fileBytes() {
        lock.lock();
        try {
            return (long) chunksInFile * CHUNK_BYTES;
        } finally {
            lock.unlock();
        }
    }

    /** Number of bytes that the spool has of the heap, used or kept for use. */
    long memoryBytes() {
        lock.lock();
        try {
            return (long) (chunksInMemory + free.size()) * CHUNK_BYTES;
        } finally {
            lock.unlock();
        }
    }

    /**
     * For how long the oldest byte that was not read yet has been here, in ms; 0 if there is none. It may be less by as
     * much as its chunk took to be filled, but not more.
     */
    long oldestAgeMs() {
        lock.lock();
        try {
            if (reading == null || unread() <= 0) {
                return 0;
            }
            Chunk oldest = next == CHUNK_BYTES && reading.following != null ? reading.following : reading;
            long now = System.nanoTime();
            return TimeUnit.NANOSECONDS.toMillis(Math.min(now - oldest.since, now - emptyAt));
        } finally {
            lock.unlock();
        }
    }

    /**
     * For how long the byte that was read last has been here, in ms. It may be more by as much as its chunk took to be filled,
     * but not less.
     */
    long readAgeMs() {
        lock.lock();
        try {
            return reading == null ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - reading.until);
        } finally {
            lock.unlock();
        }
    }

    /** True if half of the memory is free and nothing lies in the file. */
    boolean isRoomy() {
        lock.lock();
        try {
            return chunksInFile == 0 && chunksInMemory <= maxChunks / 2;
        } finally {
            lock.unlock();
        }
    }

    /** Names the next byte as the start of an item; what lies before it is given back to the filling side. */
    void mark() {
        pause = null;
        saveMark();
        markedNext = next;
        if (marked != reading) {
            lock.lock();
            try {
                while (marked != reading) {
                    Chunk done = marked;
                    marked = done.following;
                    giveBack(done);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void giveBack(Chunk done) {
        free.push(done.bytes);
        chunksInMemory--;
        freed.signal();
    }

    /**
     * From here on there is no going back, until {@link #mark} is called: what has been read is given back to the filling
     * side, {@link #rewind} does nothing, and a read that finds nothing in time pauses rather than throws. The time counts
     * from when {@link #patience} was set last, for all waits together. Another thread may read, in turns with this one.
     */
    void straightOn(Pause newPause) {
        mark();
        pause = newPause;
        lock.lock();
        try {
            if (!closed) {
                return;
            }
        } finally {
            lock.unlock();
        }
        newPause.end();
    }

    /** Goes back to the mark. */
    void rewind() {
        if (pause != null) {
            return;
        }
        lock.lock();
        try {
            reading = marked;
            show(markedNext);
        } finally {
            lock.unlock();
        }
        restoreMark(markedNext);
    }

    @Override
    protected void refill() throws IOException {
        lock.lock();
        try {
            long left = pause == null ? patienceNanos : patienceEnds - System.nanoTime();
            while (unread() == 0) {
                if (failure != null) {
                    throw failure;
                }
                if (chunksInMemory >= maxChunks && filling.written == CHUNK_BYTES) {
                    throw tooLarge();
                }
                if (closed || (left <= 0 && pause == null)) {
                    throw new Stalled();
                }
                left = left > 0 ? arrived.awaitNanos(left) : pause();
                emptyAt = System.nanoTime();
            }
            if (next == CHUNK_BYTES) {
                Chunk following = reading.following;
                if (pause != null) {
                    giveBack(reading);
                    marked = following;
                }
                if (following.bytes == null) {
                    bringIn(following);
                }
                reading = following;
                show(0);
            } else {
                show(next);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Stalled();
        } finally {
            lock.unlock();
        }
    }

    /** Returns how long to wait then, in ns. */
    private long pause() throws IOException {
        lock.unlock();
        try {
            pause.await();
        } finally {
            lock.lock();
        }
        return patienceEnds - System.nanoTime();
    }

    private void bringIn(Chunk chunk) {
        // The chunk being filled is none that an item had to be kept in.
        byte[] bytes = takeMemory(maxChunks + 1);
        if (bytes == null) {
            throw tooLarge();
        }
        lock.unlock();
        try {
            file.read(chunk.place, bytes);
        } catch (IOException e) {
            throw new RedisCdcException(
                    Category.CONNECTION, "what was spooled to disk cannot be read back: " + e.getMessage(), e);
        } finally {
            lock.lock();
        }
        chunk.bytes = bytes;
        chunk.place = null;
        chunksInFile--;
        freed.signal();
    }

    private RedisCdcException tooLarge() {
        return new RedisCdcException(
                Category.UNSUPPORTED,
                "one item of the stream is larger than the spool of " + (long) maxChunks * CHUNK_BYTES
                        + " bytes; raise spool.memory.bytes");
    }

    private void show(int from) {
        if (reading != null) {
            window = reading.bytes;
            next = from;
            limit = reading.written;
        }
    }

    private long unread() {
        return filled - position();
    }
}
