package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import io.rediscdc.source.capture.Stamper;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * States that were read from the server, until the history has arrived at the place where they were read. There, before
 * anything that follows, they are made changes of the history themselves. What cannot be placed is dropped: who wanted it
 * asks again. Not thread-safe.
 */
final class StateAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(StateAnswers.class);

    /** In the order of their places. */
    private final Deque<StateReader.States> readings = new ArrayDeque<>();

    /** Those of the first. */
    private final Deque<StateReader.KeyState> states = new ArrayDeque<>();

    boolean isEmpty() {
        return readings.isEmpty();
    }

    void add(List<StateReader.States> read) {
        boolean first = isEmpty();
        read.stream().filter(some -> !some.states().isEmpty()).forEach(readings::add);
        if (first && !isEmpty()) {
            states.addAll(readings.element().states());
        }
    }

    private void skip() {
        states.clear();
        readings.remove();
        if (!isEmpty()) {
            states.addAll(readings.element().states());
        }
    }

    /**
     * The next change, if the history stands where it belongs, at the end of a command and outside a transaction. Its time is
     * that of the asking: what a sink has seen of other shards before that, the state is newer than.
     */
    Change next(StreamDecoder stream, Stamper stamper) {
        long offset = readings.element().offset();
        if (stream.offset() < offset || (stream.offset() == offset && stream.isWithin())) {
            return null;
        }
        if (stream.offset() > offset) {
            // A server before 7.0 lets a key expire, and says so in the history, while it is being read.
            LOG.debug("{} states read at offset {} are dropped: it lies within a transaction", states.size(), offset);
            skip();
            return null;
        }
        StateReader.KeyState next = states.remove();
        Change change = stamper.state(
                next.key(), next.state(), offset, readings.element().askedMs());
        if (states.isEmpty()) {
            skip();
        }
        return change;
    }
}
