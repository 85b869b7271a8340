package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ByteInput;
import java.io.IOException;
import java.io.InputStream;
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
 * <p>The bytes are in {@link Chunk}s, which follow each other from the marked one over the one being read to the one being
 * filled. A {@link ChunkStore} keeps them, in memory as long as that suffices.
 *
 * <p>One thread fills: it calls {@link #fill} only. One thread reads: it calls what is named so below, and what is inherited. All
 * else may come from any thread. One lock guards what they share; it is not held while the socket or the file is used, nor while
 * bytes are decoded.
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

    /** What {@link #fill} answers when there was no room. */
    static final int FULL = -2;

    private static final byte[] NOTHING = {};

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();

    // Guarded by the lock, as what a chunk says of itself is.
    private final ChunkStore store;
    private long filled;
    private boolean closed;
    private RedisCdcException failure;

    /** When there was nothing to read last ({@link System#nanoTime()}). */
    private long emptyAt = System.nanoTime();

    // Written by the filling thread with the lock held.
    private Chunk filling;

    // Written by the reading thread with the lock held; the first chunk is put there by the filling one.
    private Chunk reading;
    private Chunk marked;

    // Owned by the reading thread.
    private int markedNext;
    private final Patience patience = new Patience();

    Spool(SpoolOptions options) {
        super(NOTHING, 0, 0);
        this.store = new ChunkStore(options, lock);
    }

    // ---- the filling side

    /**
     * Reads once from the stream into the spool.
     *
     * @return number of bytes, -1 at the end of the stream, {@link #FULL} if there was no room for that long
     */
    int fill(InputStream from, long patienceMs) throws IOException {
        if ((filling == null || filling.isFull()) && !appendChunk(patienceMs)) {
            return FULL;
        }
        int n = filling.read(from);
        if (n > 0) {
            lock.lock();
            try {
                if (unread() == 0) {
                    emptyAt = System.nanoTime();
                }
                filling.added(n, System.nanoTime());
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
            long patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMs);
            byte[] bytes = store.take(filling, newest -> newest == reading, patienceNanos);
            if (bytes != null) {
                append(new Chunk(bytes, System.nanoTime()));
            }
            return bytes != null;
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
            store.close();
        } finally {
            lock.unlock();
        }
        patience.end();
        store.closeFile();
    }

    // ---- the reading side

    /** How long a read may wait for bytes before it throws {@link Stalled}; counted anew for each wait. */
    void patience(long ms) {
        patience.set(ms);
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
            return store.fileBytes();
        } finally {
            lock.unlock();
        }
    }

    /** Number of bytes that the spool has of the heap, used or kept for use. */
    long memoryBytes() {
        lock.lock();
        try {
            return store.memoryBytes();
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
            Chunk oldest = next == Chunk.BYTES && reading.following != null ? reading.following : reading;
            long now = System.nanoTime();
            return TimeUnit.NANOSECONDS.toMillis(Math.min(now - oldest.since(), now - emptyAt));
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
            return reading == null ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - reading.until());
        } finally {
            lock.unlock();
        }
    }

    /** True if half of the memory is free and nothing lies in the file. */
    boolean isRoomy() {
        lock.lock();
        try {
            return store.isRoomy();
        } finally {
            lock.unlock();
        }
    }

    /** Names the next byte as the start of an item; what lies before it is given back to the filling side. */
    void mark() {
        patience.giveUp();
        saveMark();
        markedNext = next;
        if (marked != reading) {
            lock.lock();
            try {
                while (marked != reading) {
                    Chunk done = marked;
                    marked = done.following;
                    store.giveBack(done);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * From here on there is no going back, until {@link #mark} is called: what has been read is given back to the filling
     * side, {@link #rewind} does nothing, and a read that finds nothing in time pauses rather than throws. The time counts
     * from when {@link #patience} was set last, for all waits together. Another thread may read, in turns with this one.
     */
    void straightOn(Pause newPause) {
        mark();
        patience.pauseBy(newPause);
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
        if (patience.pauses()) {
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
            long left = patience.left();
            while (unread() == 0) {
                if (failure != null) {
                    throw failure;
                }
                if (store.isFull() && filling.isFull()) {
                    throw store.itemTooLarge();
                }
                if (closed || (left <= 0 && !patience.pauses())) {
                    throw new Stalled();
                }
                left = left > 0 ? arrived.awaitNanos(left) : pause();
                emptyAt = System.nanoTime();
            }
            if (next == Chunk.BYTES) {
                Chunk following = reading.following;
                if (patience.pauses()) {
                    store.giveBack(reading);
                    marked = following;
                }
                if (following.isInFile()) {
                    store.bringIn(following);
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
            return patience.pause();
        } finally {
            lock.lock();
        }
    }

    private void show(int from) {
        if (reading != null) {
            window = reading.bytes();
            next = from;
            limit = reading.written();
        }
    }

    private long unread() {
        return filled - position();
    }
}
