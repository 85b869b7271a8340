package io.rediscdc.sentinel;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.error.SentinelException;
import io.rediscdc.error.SentinelException.Fault;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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

    /** What one sentinel said, or why it did not. */
    private record Answer(SentinelView view, SentinelException failure) {}

    private final SentinelOptions options;
    private final Set<SentinelConnection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** What was believed last; null for nothing yet. */
    private SentinelView latest;

    private long changes;

    public Sentinels(SentinelOptions options) {
        this.options = options;
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
        BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        List<SentinelConnection> asked = new ArrayList<>();
        for (RedisAddress node : options.nodes()) {
            SentinelConnection connection = new SentinelConnection(node, options);
            asked.add(connection);
            open.add(connection);
            Thread thread = new Thread(() -> answers.add(answer(connection)), "redis-cdc-sentinel-" + node);
            thread.setDaemon(true);
            thread.start();
        }
        try {
            if (closed) {
                throw unanswered("closed while asking");
            }
            return best(answers);
        } finally {
            asked.forEach(SentinelConnection::close);
            asked.forEach(open::remove);
        }
    }

    private static Answer answer(SentinelConnection connection) {
        try {
            return new Answer(connection.view(), null);
        } catch (SentinelException e) {
            return new Answer(null, e);
        }
    }

    private SentinelView best(BlockingQueue<Answer> answers) {
        List<SentinelException> failures = new ArrayList<>();
        SentinelView best = null;
        // Connecting, login and the questions each have their time.
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(6L * options.timeoutMs());
        for (int i = 0; i < options.nodes().size(); i++) {
            Answer answer = next(answers, until);
            if (answer == null) {
                break;
            }
            if (answer.view() == null) {
                failures.add(answer.failure());
                continue;
            }
            if (best == null) {
                until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REST_MS);
            }
            if (best == null || answer.view().epoch() > best.epoch()) {
                best = answer.view();
            }
        }
        failures.forEach(failure -> LOG.debug("A sentinel did not say who is master '{}'", options.master(), failure));
        if (best == null) {
            throw failure(failures);
        }
        return best;
    }

    private Answer next(BlockingQueue<Answer> answers, long until) {
        try {
            return answers.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unanswered("interrupted while asking");
        }
    }

    private SentinelException unanswered(String why) {
        return new SentinelException(
                Category.CONNECTION, Fault.NODES, why + " Sentinel for the master '" + options.master() + "'");
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
        closed = true;
        open.forEach(SentinelConnection::close);
    }
}
