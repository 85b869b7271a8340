package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.source.capture.RetryPacing;
import io.rediscdc.source.replica.StateReader.Purpose;
import java.io.Closeable;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the states of keys that the stream has changed, on a connection of its own. Where that fails it is tried again, with
 * pauses: the history cannot go on without them, and stands by itself meanwhile. Connects to nothing before it is used, which it is
 * not where the stream is told in commands. Used by one thread; {@link #close()} may come from another.
 */
final class ChangedKeyReader implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ChangedKeyReader.class);

    private final StateReader reader;
    private final RetryPacing pacing;
    private volatile boolean closed;

    ChangedKeyReader(ReplicaOptions options, ShardNodes members) {
        this.reader = new StateReader(options, members.isClustered(), Purpose.CHANGE);
        this.pacing = new RetryPacing(options.retryTimeoutMs());
    }

    /** How long to wait before it is used, ns; 0 unless it has failed. */
    long pauseNanos() {
        return TimeUnit.MILLISECONDS.toNanos(pacing.pauseMs());
    }

    /**
     * Reads the states of the first of these keys.
     *
     * @return none if that has failed, and is to be tried again
     * @throws RedisCdcException if trying again cannot help, or has not helped for the time configured
     */
    List<StateReader.States> read(RedisAddress node, List<ChangeKey> keys) {
        try {
            List<StateReader.States> read = reader.read(node, keys).states();
            pacing.succeeded();
            return read;
        } catch (RedisCdcException e) {
            if (!e.isRetriable() || closed) {
                throw e;
            }
            if (!pacing.isFailing()) {
                LOG.warn("States of keys that have changed cannot be read, it is tried again: {}", e.getMessage());
            }
            pacing.failed(true);
            checkPatience(e);
            return List.of();
        }
    }

    /** Attaching again would not help: the link stands. */
    private void checkPatience(RedisCdcException failure) {
        try {
            pacing.check(failure);
        } catch (RedisCdcException e) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the history arrives, but the states of its keys cannot be read on a connection of their own: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Ends it for good. */
    @Override
    public void close() {
        closed = true;
        reader.close();
    }
}
