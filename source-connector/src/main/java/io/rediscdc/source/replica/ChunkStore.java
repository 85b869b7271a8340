package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Where the chunks of a {@link Spool} are kept: so many in memory, and when that is full, the newest in a {@link SpoolFile}, if there
 * is one. What the reader gives back serves to bring chunks in again, until none is left in the file.
 *
 * <p>Whoever calls holds the spool's lock, which guards all of this. It is let go of while the file is used, and while {@link #take}
 * waits: what was looked at before may be otherwise after. The filling thread calls {@link #take}, the reading thread {@link
 * #giveBack} and {@link #bringIn}; the rest any.
 */
final class ChunkStore {

    private final ReentrantLock lock;
    private final Condition freed;
    private final int maxChunks;

    /** Null for none. */
    private final SpoolFile file;

    private final Deque<byte[]> free = new ArrayDeque<>();
    private int inMemory;
    private int inFile;
    private boolean closed;

    /** @param lock the spool's */
    ChunkStore(SpoolOptions options, ReentrantLock lock) {
        this.lock = lock;
        this.freed = lock.newCondition();
        this.maxChunks = (int) Math.max(2, Math.min(Integer.MAX_VALUE, options.memoryBytes() / Chunk.BYTES));
        this.file =
                options.fileBytes() == 0 ? null : new SpoolFile(options.directory(), options.fileBytes(), Chunk.BYTES);
    }

    /**
     * Memory for a new chunk, which comes after all others: what is free if nothing lies in the file, else that of the newest chunk,
     * which is put there, or what the reader gives back in time.
     *
     * @param newest full; null if there is none yet
     * @param isRead whether the reader has come to a chunk: it reads that where it is
     * @return null if there is none within the time, ns
     */
    byte[] take(Chunk newest, Predicate<Chunk> isRead, long nanos) throws InterruptedException {
        long left = nanos;
        while (true) {
            byte[] bytes = inFile == 0 || closed ? takeMemory(maxChunks) : null;
            if (bytes == null) {
                bytes = spill(newest, isRead);
            }
            if (bytes != null || left <= 0) {
                return bytes;
            }
            left = freed.awaitNanos(left);
        }
    }

    private byte[] takeMemory(int most) {
        if (inMemory >= most && !closed) {
            return null;
        }
        inMemory++;
        return free.isEmpty() ? new byte[Chunk.BYTES] : free.pop();
    }

    /** Puts the newest chunk into the file; answers the memory that it was in, null if that cannot be. */
    private byte[] spill(Chunk newest, Predicate<Chunk> isRead) {
        if (file == null || isRead.test(newest) || closed) {
            return null;
        }
        SpoolFile.Place place;
        lock.unlock();
        try {
            place = file.write(newest.bytes());
        } finally {
            lock.lock();
        }
        if (place == null) {
            return null;
        }
        if (isRead.test(newest)) {
            file.release(place);
            return takeMemory(maxChunks);
        }
        byte[] bytes = newest.bytes();
        newest.movedToFile(place);
        inFile++;
        return bytes;
    }

    /** A chunk has been read, and is needed no more. */
    void giveBack(Chunk done) {
        free.push(done.bytes());
        inMemory--;
        freed.signal();
    }

    /**
     * Brings a chunk from the file into memory.
     *
     * @throws RedisCdcException UNSUPPORTED if all memory is kept for an item that goes on in this chunk; CONNECTION if the file cannot
     *     be read
     */
    void bringIn(Chunk chunk) {
        // The chunk being filled is none that an item had to be kept in.
        byte[] bytes = takeMemory(maxChunks + 1);
        if (bytes == null) {
            throw itemTooLarge();
        }
        lock.unlock();
        try {
            file.read(chunk.place(), bytes);
        } catch (IOException e) {
            throw new RedisCdcException(
                    Category.CONNECTION, "what was spooled to disk cannot be read back: " + e.getMessage(), e);
        } finally {
            lock.lock();
        }
        chunk.movedToMemory(bytes);
        inFile--;
        freed.signal();
    }

    /** Whether all memory is in use. */
    boolean isFull() {
        return inMemory >= maxChunks;
    }

    /** Whether half of the memory is free and nothing lies in the file. */
    boolean isRoomy() {
        return inFile == 0 && inMemory <= maxChunks / 2;
    }

    /** What the chunks in the file take there. */
    long fileBytes() {
        return (long) inFile * Chunk.BYTES;
    }

    /** What is taken of the heap, for chunks or kept for more. */
    long memoryBytes() {
        return (long) (inMemory + free.size()) * Chunk.BYTES;
    }

    /** What to throw where the reader needs more of an item than memory can keep. */
    RedisCdcException itemTooLarge() {
        return new RedisCdcException(
                Category.UNSUPPORTED,
                "one item of the stream is larger than the spool of " + (long) maxChunks * Chunk.BYTES
                        + " bytes; raise spool.memory.bytes");
    }

    /** Nobody waits for room from here on. */
    void close() {
        closed = true;
        freed.signalAll();
    }

    /** After {@link #close}, and without the lock: the file may be busy. */
    void closeFile() {
        if (file != null) {
            file.close();
        }
    }
}
