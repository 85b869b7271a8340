package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks of a {@link Spool} that memory has no room for: segment files, written from front to back, given back when all
 * of a segment has been read. Nothing is synced, since nothing is read after a crash: a file loses its name as soon as it
 * is open (where the system allows that; elsewhere when it is closed), so that none is ever left behind. Only its owner
 * may read it.
 *
 * <p>One thread writes, one reads; {@link #close()} may come from any.
 */
final class SpoolFile implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolFile.class);
    private static final long SEGMENT_BYTES = 64L << 20;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What stays free for others, the broker perhaps, who share the disk. */
    private static final long KEPT_FREE_BYTES = 512L << 20;

    private static final Set<OpenOption> OPTIONS = Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);

    private static final class Segment {
        final FileChannel channel;
        int written;
        int unread;

        Segment(FileChannel channel) {
            this.channel = channel;
        }
    }

    /** Where a chunk lies. */
    static final class Place {
        private final Segment segment;
        private final long offset;

        private Place(Segment segment, long offset) {
            this.segment = segment;
            this.offset = offset;
        }
    }

    private final Path directory;
    private final int chunkBytes;
    private final int segmentChunks;
    private final long maxSegments;

    // Guarded by this.
    private final List<Segment> segments = new ArrayList<>();
    private Segment writing;
    private boolean closed;

    // Owned by the writing thread.
    private boolean refused;
    private long retryAt;

    SpoolFile(Path directory, long maxBytes, int chunkBytes) {
        this.directory = directory;
        this.chunkBytes = chunkBytes;
        this.segmentChunks = (int) Math.max(1, Math.min(SEGMENT_BYTES, maxBytes / 8) / chunkBytes);
        this.maxSegments = Math.max(1, maxBytes / ((long) segmentChunks * chunkBytes));
    }

    /**
     * Makes sure that files can be created in a directory, which is created if missing.
     *
     * @throws RedisCdcException CONFIG if not
     */
    static void check(Path directory) {
        try {
            Files.createDirectories(directory);
            open(directory).close();
        } catch (IOException e) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "cannot create files in the spool directory " + directory + " (" + reason(e)
                            + "); set spool.directory to one where the worker may write, or spool.file.bytes to 0",
                    e);
        }
    }

    /** Keeps a chunk; null if there is no room, for now. */
    Place write(byte[] chunk) {
        if (refused && System.nanoTime() - retryAt < 0) {
            return null;
        }
        Place place = null;
        try {
            place = reserve();
            if (place != null) {
                ByteBuffer from = ByteBuffer.wrap(chunk, 0, chunkBytes);
                while (from.hasRemaining()) {
                    place.segment.channel.write(from, place.offset + from.position());
                }
                refused = false;
            }
            return place;
        } catch (IOException e) {
            if (place != null) {
                release(place);
            }
            refuse(reason(e));
            return null;
        }
    }

    /** Reads a chunk, whose place is free then. */
    void read(Place place, byte[] into) throws IOException {
        ByteBuffer to = ByteBuffer.wrap(into, 0, chunkBytes);
        while (to.hasRemaining()) {
            if (place.segment.channel.read(to, place.offset + to.position()) < 0) {
                throw new IOException("the file has become shorter");
            }
        }
        release(place);
    }

    /** Gives up a chunk that is needed no more. */
    synchronized void release(Place place) {
        Segment segment = place.segment;
        segment.unread--;
        if (segment.unread > 0 || closed) {
            return;
        }
        if (segment != writing) {
            segments.remove(segment);
            closeQuietly(segment);
            return;
        }
        segment.written = 0;
        try {
            segment.channel.truncate(0);
        } catch (IOException e) {
            LOG.debug("Truncating a spool file failed", e);
        }
    }

    private synchronized Place reserve() throws IOException {
        if (closed) {
            return null;
        }
        if (writing == null || writing.written == segmentChunks) {
            if (segments.size() >= maxSegments) {
                return null;
            }
            long usable = Files.getFileStore(directory).getUsableSpace();
            if (usable < KEPT_FREE_BYTES + (long) segmentChunks * chunkBytes) {
                refuse("only " + usable + " bytes are free, and " + KEPT_FREE_BYTES + " are left to others");
                return null;
            }
            writing = new Segment(open(directory));
            if (segments.isEmpty()) {
                LOG.info("Spooling to files in {}: the source writes faster than Kafka takes", directory);
            }
            segments.add(writing);
        }
        writing.unread++;
        return new Place(writing, (long) writing.written++ * chunkBytes);
    }

    private void refuse(String reason) {
        if (!refused) {
            LOG.warn("Cannot spool to {} ({}); tried again every 10 s", directory, reason);
        }
        refused = true;
        retryAt = System.nanoTime() + RETRY_NANOS;
    }

    private static FileChannel open(Path directory) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        return FileChannel.open(directory.resolve("redis-cdc-spool-" + UUID.randomUUID()), OPTIONS, ownerOnly);
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static void closeQuietly(Segment segment) {
        try {
            segment.channel.close();
        } catch (IOException e) {
            LOG.debug("Closing a spool file failed", e);
        }
    }

    /** Gives all files back; the second time it does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        segments.forEach(SpoolFile::closeQuietly);
        segments.clear();
    }
}
