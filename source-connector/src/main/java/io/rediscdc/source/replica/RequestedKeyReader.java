package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.replica.StateReader.Purpose;
import java.io.Closeable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the states of keys that somebody has asked for, some at a time. What cannot be read is given up: who wants it asks again. No
 * failure of it is one of the history. Used by one thread; {@link #close()} may come from another.
 */
final class RequestedKeyReader implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(RequestedKeyReader.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final StateRequests requests;
    private final StateReader reader;
    private final CaptureStatus status;

    /** Keys to be read one by one, since they could not be read together. */
    private final Deque<ChangeKey> apart = new ArrayDeque<>();

    private boolean refused;
    private long pausedUntil = System.nanoTime();
    private volatile boolean closed;

    /** @param status told what is left out */
    RequestedKeyReader(ReplicaOptions options, ShardNodes members, StateRequests requests, CaptureStatus status) {
        this.requests = requests;
        this.reader = new StateReader(options, members.isClustered(), Purpose.REPAIR);
        this.status = status;
    }

    /** The keys whose turn it is; none if there are none, or it is not time after a failure. */
    List<ChangeKey> next() {
        if (System.nanoTime() - pausedUntil < 0) {
            return List.of();
        }
        return apart.isEmpty() ? requests.take(refused ? 1 : StateReader.MOST_KEYS) : List.of(apart.remove());
    }

    /** Reads the states of what {@link #next} has answered; none if that is refused. */
    List<StateReader.States> read(RedisAddress node, List<ChangeKey> keys) {
        long now = System.nanoTime();
        try {
            StateReader.Answer read = reader.read(node, keys);
            status.unanswered(read.leftOut());
            refused = false;
            return read.states();
        } catch (RedisCdcException e) {
            if (!e.isRetriable() && keys.size() > 1) {
                // It may be because of one of them, of a kind or a size that was not expected.
                apart.addAll(keys);
            } else {
                status.unanswered(keys.size());
                refused(e, now);
            }
            return List.of();
        }
    }

    private void refused(RedisCdcException why, long now) {
        if (apart.isEmpty()) {
            pausedUntil = now + PAUSE_NANOS;
        }
        if (!refused && !closed) {
            refused = true;
            LOG.warn("A key whose state was asked for cannot be read: {}; who wants it asks again", why.getMessage());
        }
    }

    /** Up to which offset a server has its history; -1 if it does not say. */
    long offset(RedisAddress node) {
        try {
            return reader.offset(node);
        } catch (RedisCdcException e) {
            LOG.info("Not known how old the history is that follows the snapshot: {}", e.getMessage());
            return -1;
        }
    }

    /** Ends it for good. */
    @Override
    public void close() {
        closed = true;
        reader.close();
    }
}
