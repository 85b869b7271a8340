package io.rediscdc.source.capture;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import java.io.Closeable;
import java.util.List;

/**
 * Where a task has the changes of a shard from. How far it has come, it says in its own terms. Used by one thread;
 * {@link #close()} may come from another.
 */
public interface Capture extends Closeable {

    /**
     * Adds changes to a list: at least one if any arrives within a time, and no more than there is room for.
     *
     * @param gatherUntilNanos until when ({@link System#nanoTime()}) to wait for more once there is one
     * @throws RedisCdcException if trying again cannot help, or has not helped for the time configured
     */
    void read(List<Change> into, int max, long waitMs, long gatherUntilNanos);

    /** True if the last read took all there was. */
    boolean drained();

    /** How large, about, the changes were that the last read handed out, in bytes. */
    long readBytes();

    /** Ends it; a read under way returns soon. The second time it does nothing. */
    @Override
    void close();
}
