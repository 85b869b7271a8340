package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * States that were read from the server, until the history has arrived at the place where they were read. There, before
 * anything that follows, they are made changes of the history themselves. What cannot be placed is dropped: who wanted it
 * asks again. Not thread-safe.
 */
final class StateAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(StateAnswers.class);

    private final Deque<StateReader.KeyState> states = new ArrayDeque<>();
    private long offset;
    private long askedMs;

    boolean isEmpty() {
        return states.isEmpty();
    }

    void add(StateReader.States read) {
        offset = read.offset();
        askedMs = read.askedMs();
        states.addAll(read.states());
    }

    /**
     * The next change, if the history stands where it belongs, at the end of a command and outside a transaction. Its time is
     * that of the asking: what a sink has seen of other shards before that, the state is newer than.
     */
    Change next(StreamDecoder stream, Stamper stamper) {
        if (stream.offset() < offset || (stream.offset() == offset && stream.isWithin())) {
            return null;
        }
        if (stream.offset() > offset) {
            // A server before 7.0 lets a key expire, and says so in the history, while it is being read.
            LOG.debug("{} states read at offset {} are dropped: it lies within a transaction", states.size(), offset);
            states.clear();
            return null;
        }
        StateReader.KeyState next = states.remove();
        return stamper.state(next.key(), next.state(), offset, askedMs);
    }
}
