package io.rediscdc.benchmarks.load;

import io.rediscdc.benchmarks.measure.Latencies;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisUri;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Keys that are written at the source one by one, and whose arrival the target tells of itself, by a keyspace
 * notification: nothing is asked, so nothing is disturbed, and no arrival is noted late. Probes are sets, since no
 * {@link Traffic} has sets: the target notifies of nothing else. One thread sends.
 */
public final class Probes implements AutoCloseable {

    private static final String PREFIX = "probe:";
    private static final int CAPACITY = 1 << 20;
    private static final long PAUSE_NANOS = 200_000;
    private static final String NOTIFY = "notify-keyspace-events";

    private final RedisConnection source;
    private final RedisConnection target;
    private final RedisConnection notifications;
    private final long[] sent = new long[CAPACITY];
    private final AtomicLongArray arrived = new AtomicLongArray(CAPACITY);
    private final Thread listener = new Thread(this::listen, "probes");
    private int next;
    private volatile boolean closed;
    private volatile RuntimeException failure;

    /** Listens from now on. */
    public Probes(RedisUri sourceUri, RedisUri targetUri) {
        source = RedisConnection.open(sourceUri);
        target = RedisConnection.open(targetUri);
        notifications = RedisConnection.open(targetUri);
        // K: by key; s: commands on sets; g: RESTORE among others, should a tool write so
        target.call("CONFIG", "SET", NOTIFY, "Ksg");
        notifications.call("PSUBSCRIBE", "__keyspace@0__:" + PREFIX + "*");
        listener.setDaemon(true);
        listener.start();
    }

    /**
     * Writes the next probe.
     *
     * @return its number
     */
    public int send() {
        int probe = next++;
        sent[probe] = System.nanoTime();
        source.call("SADD", PREFIX + probe, "1");
        return probe;
    }

    /** Writes probes until one of them has arrived, which shows that the target follows the source. */
    public void awaitFlow(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        int first = next;
        int last = send();
        while (arrivals(first, last + 1) == 0) {
            requireTime(deadline, "no change arrives at the target");
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            last = send();
        }
        await(last, patience);
    }

    /** Waits until a probe has arrived; returns when that was, as System.nanoTime(). */
    public long await(int probe, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (arrived.get(probe) == 0) {
            requireTime(deadline, "a probe has not arrived at the target");
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return arrived.get(probe);
    }

    /**
     * Writes probes at a rate until told to end; each at its time, whatever became of the others.
     *
     * @return the number of the first
     */
    public int send(double perSecond, Thread until) {
        int first = next;
        long begin = System.nanoTime();
        while (until.isAlive()) {
            long due = begin + (long) ((next - first) * 1e9 / perSecond);
            long left = due - System.nanoTime();
            if (left > 0) {
                LockSupport.parkNanos(Math.min(left, 1_000_000));
            } else {
                send();
            }
        }
        return first;
    }

    /**
     * Of the probes from {@code first} up to the last one sent.
     *
     * @throws IllegalStateException if not all of them have arrived
     */
    public Latencies latencies(int first) {
        long[] nanos = new long[next - first];
        if (arrivals(first, next) < nanos.length) {
            throw new IllegalStateException(
                    (nanos.length - arrivals(first, next)) + " of " + nanos.length + " probes have not arrived");
        }
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = arrived.get(first + i) - sent[first + i];
        }
        return new Latencies(nanos);
    }

    private int arrivals(int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += arrived.get(i) == 0 ? 0 : 1;
        }
        return count;
    }

    private void requireTime(long deadline, String what) {
        if (failure != null) {
            throw new IllegalStateException("the target's notifications ended: " + failure.getMessage(), failure);
        }
        if (System.nanoTime() - deadline > 0) {
            throw new IllegalStateException(what);
        }
    }

    private void listen() {
        try {
            while (!closed) {
                List<?> message = (List<?>) notifications.read();
                long now = System.nanoTime();
                String channel = RedisConnection.string(message.get(2));
                int probe = Integer.parseInt(channel.substring(channel.lastIndexOf(':') + 1));
                arrived.compareAndSet(probe, 0, now);
            }
        } catch (RedisConnectionException e) {
            failure = closed ? null : e;
        }
    }

    @Override
    public void close() {
        closed = true;
        notifications.close();
        target.call("CONFIG", "SET", NOTIFY, "");
        target.close();
        source.close();
    }
}
