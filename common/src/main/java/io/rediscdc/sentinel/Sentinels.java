package io.rediscdc.sentinel;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.connection.NodePoll;
import io.rediscdc.connection.NodePoll.Answer;
import io.rediscdc.connection.NodePoll.Patience;
import io.rediscdc.connection.RespConnection;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.error.SentinelException;
import io.rediscdc.error.SentinelException.Fault;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sentinels of one master. All of them are asked at the same time, each on a connection of its own that ends with the
 * answer, and whose configuration has the highest epoch is believed: one that is cut off from the others may still
 * name the master of before. Thread-safe.
 */
public final class Sentinels implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Sentinels.class);

    /** How long the others may take once one has answered: they answer from memory. */
    private static final long REST_MS = 300;

    private final SentinelOptions options;
    private final NodePoll<SentinelView, SentinelException> poll;

    /** What was believed last; null for nothing yet. */
    private SentinelView latest;

    private long changes;

    public Sentinels(SentinelOptions options) {
        this.options = options;
        // Connecting, login and the questions each have their time.
        this.poll = new NodePoll<>(
                "redis-cdc-sentinel",
                new Patience(options.timeoutMs(), 6, REST_MS),
                this::answer,
                SentinelView::epoch,
                why -> new SentinelException(
                        Category.CONNECTION, Fault.NODES, why + " Sentinel for the master '" + options.master() + "'"));
    }

    /**
     * Asks who is master, for a connection to be made.
     *
     * @throws SentinelException if nobody says so: CONNECTION if that can change; CONFIG for a name that none of them
     *     knows, a refused login, or servers that are no sentinels, unless they have answered before
     */
    public SentinelView ask() {
        SentinelView view = best();
        note(view);
        return view;
    }

    /**
     * Asks again, to learn of a change. An answer of an older epoch than the last one is not believed.
     *
     * @throws SentinelException as {@link #ask}
     */
    void refresh() {
        SentinelView view = best();
        synchronized (this) {
            if (latest != null && view.epoch() >= latest.epoch()) {
                note(view);
            }
        }
    }

    /** Whether the sentinels, when they were asked last, named another master than this. */
    public synchronized boolean isDeposed(RedisAddress node) {
        return latest != null && !latest.master().equals(node);
    }

    /** How often they have named another master than before. */
    public synchronized long changes() {
        return changes;
    }

    private synchronized void note(SentinelView view) {
        if (latest == null) {
            LOG.info("Sentinel: the master '{}' is {} (says {})", options.master(), view.master(), view.saidBy());
        } else if (!latest.master().equals(view.master())) {
            changes++;
            LOG.warn(
                    "Sentinel: the master '{}' is now {}, and no longer {} (epoch {}, says {})",
                    options.master(),
                    view.master(),
                    latest.master(),
                    view.epoch(),
                    view.saidBy());
        }
        latest = view;
    }

    private SentinelView best() {
        List<SentinelException> failures = new ArrayList<>();
        SentinelView best = poll.best(options.nodes(), failures::add);
        failures.forEach(failure -> LOG.debug("A sentinel did not say who is master '{}'", options.master(), failure));
        if (best == null) {
            throw failure(failures);
        }
        return best;
    }

    private Answer<SentinelView, SentinelException> answer(RespConnection connection) {
        try {
            return Answer.of(new SentinelConnection(connection, options).view());
        } catch (SentinelException e) {
            return Answer.none(e);
        }
    }

    private SentinelException failure(List<SentinelException> failures) {
        StringBuilder all = new StringBuilder();
        Fault fault = Fault.NODES;
        boolean mayPass = wasAnswered() || failures.isEmpty();
        for (SentinelException failure : failures) {
            all.append("; ").append(failure.getMessage());
            if (failure.fault().compareTo(fault) > 0) {
                fault = failure.fault();
            }
            mayPass |= failure.isRetriable();
        }
        String remedy =
                switch (fault) {
                    case NODES -> "check redis.sentinel.nodes, and that the sentinels run";
                    case LOGIN ->
                        "check redis.sentinel.username and redis.sentinel.password; the user needs"
                                + " +sentinel|get-master-addr-by-name +sentinel|master +sentinel|masters"
                                + " +sentinel|replicas";
                    case MASTER -> "check redis.sentinel.master";
                };
        return new SentinelException(
                mayPass ? Category.CONNECTION : Category.CONFIG,
                fault,
                "no sentinel says who is the master '" + options.master() + "'" + all + "; " + remedy);
    }

    private synchronized boolean wasAnswered() {
        return latest != null;
    }

    /** Ends what is being asked; from then on nothing can be. The second time it does nothing. */
    @Override
    public void close() {
        poll.close();
    }
}
