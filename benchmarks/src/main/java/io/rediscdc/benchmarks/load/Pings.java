package io.rediscdc.benchmarks.load;

import io.rediscdc.benchmarks.measure.Latencies;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisUri;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * What a server's other clients feel: PINGs on a connection of their own, at a rate that costs the server next to nothing,
 * until it is closed. One that is late because the one before it was, counts from when it was due.
 */
public final class Pings implements AutoCloseable {

    private static final long INTERVAL_NANOS = 5_000_000;

    private final RedisConnection connection;
    private final Thread thread = new Thread(this::send, "pings");
    private volatile boolean ended;
    private volatile RuntimeException failure;
    private long[] nanos = new long[1024];
    private int count;

    /** Begins. */
    public Pings(RedisUri server) {
        connection = RedisConnection.open(server);
        thread.setDaemon(true);
        thread.start();
    }

    /** How long they take while nobody else asks for anything. */
    public static Latencies idle(RedisUri server, Duration duration) {
        try (Pings pings = new Pings(server)) {
            LockSupport.parkNanos(duration.toNanos());
            return pings.end();
        }
    }

    /** Ends them. */
    public Latencies end() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        if (failure != null) {
            throw new IllegalStateException("a PING failed: " + failure.getMessage(), failure);
        }
        return new Latencies(Arrays.copyOf(nanos, count));
    }

    private void send() {
        try {
            long due = System.nanoTime();
            long answered = due;
            while (!ended) {
                long left = due - System.nanoTime();
                if (left > 0) {
                    LockSupport.parkNanos(left);
                    continue;
                }
                long begin = answered - due > 0 ? due : System.nanoTime();
                connection.call("PING");
                answered = System.nanoTime();
                if (count == nanos.length) {
                    nanos = Arrays.copyOf(nanos, 2 * count);
                }
                nanos[count++] = answered - begin;
                due += INTERVAL_NANOS;
            }
        } catch (RedisConnectionException e) {
            failure = e;
        }
    }

    @Override
    public void close() {
        ended = true;
        connection.close();
    }
}
