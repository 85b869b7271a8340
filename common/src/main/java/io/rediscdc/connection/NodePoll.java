package io.rediscdc.connection;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The same question to several servers at the same time, each on a connection of its own that ends with the answer. The
 * answer of the greatest epoch is believed: who is cut off from the others goes on saying how it was. Thread-safe.
 *
 * @param <V> what they say
 * @param <E> why they do not
 */
public final class NodePoll<V, E extends RedisCdcException> implements Closeable {

    /** How it is asked, and what is asked. */
    public interface Question<V, E> {

        /** Connects and asks; what is wrong with that server is an answer, too. */
        Answer<V, E> ask(RespConnection connection);
    }

    /**
     * What one server said, or why it did not.
     *
     * @param view null for a failure
     * @param failure null for a view
     */
    public record Answer<V, E>(V view, E failure) {

        public static <V, E> Answer<V, E> of(V view) {
            return new Answer<>(view, null);
        }

        public static <V, E> Answer<V, E> none(E failure) {
            return new Answer<>(null, failure);
        }
    }

    /**
     * How long that may take.
     *
     * @param timeoutMs bound on making a connection, and on each answer, ms
     * @param waits how many of these there can be before a server has said all
     * @param restMs how long the others may take once one has answered, ms
     */
    public record Patience(int timeoutMs, int waits, long restMs) {}

    private final String thread;
    private final Patience patience;
    private final Question<V, E> question;
    private final ToLongFunction<V> epoch;
    private final Function<String, E> unanswered;
    private final Set<RespConnection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * Asks nobody yet.
     *
     * @param thread begins the names of the threads
     * @param unanswered what to throw when the asking ends before its time: gets the beginning of the message
     */
    public NodePoll(
            String thread,
            Patience patience,
            Question<V, E> question,
            ToLongFunction<V> epoch,
            Function<String, E> unanswered) {
        this.thread = thread;
        this.patience = patience;
        this.question = question;
        this.epoch = epoch;
        this.unanswered = unanswered;
    }

    /**
     * Asks these.
     *
     * @param failures gets what was wrong with those that answered nothing
     * @return null if none of them answers
     * @throws RedisCdcException an {@code E}, if this is closed or the thread interrupted
     */
    public V best(List<RedisAddress> nodes, Consumer<E> failures) {
        BlockingQueue<Answer<V, E>> answers = new LinkedBlockingQueue<>();
        List<RespConnection> asked = new ArrayList<>();
        for (RedisAddress node : nodes) {
            RespConnection connection = new RespConnection(node, patience.timeoutMs());
            asked.add(connection);
            open.add(connection);
            Thread asking = new Thread(() -> answers.add(question.ask(connection)), thread + "-" + node);
            asking.setDaemon(true);
            asking.start();
        }
        try {
            if (closed) {
                throw unanswered.apply("closed while asking");
            }
            return best(answers, nodes.size(), failures);
        } finally {
            asked.forEach(RespConnection::close);
            asked.forEach(open::remove);
        }
    }

    private V best(BlockingQueue<Answer<V, E>> answers, int asked, Consumer<E> failures) {
        V best = null;
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos((long) patience.waits() * patience.timeoutMs());
        for (int i = 0; i < asked; i++) {
            Answer<V, E> answer = next(answers, until);
            if (answer == null) {
                break;
            }
            if (answer.view() == null) {
                failures.accept(answer.failure());
                continue;
            }
            if (best == null) {
                until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience.restMs());
            }
            if (best == null || epoch.applyAsLong(answer.view()) > epoch.applyAsLong(best)) {
                best = answer.view();
            }
        }
        return best;
    }

    private Answer<V, E> next(BlockingQueue<Answer<V, E>> answers, long until) {
        try {
            return answers.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unanswered.apply("interrupted while asking");
        }
    }

    /** Ends what is being asked; from then on nothing can be. The second time it does nothing. */
    @Override
    public void close() {
        closed = true;
        open.forEach(RespConnection::close);
    }
}
