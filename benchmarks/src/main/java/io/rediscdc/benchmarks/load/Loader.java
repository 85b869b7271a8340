package io.rediscdc.benchmarks.load;

import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An application that writes to a server, in pipelines. Each command has a number; no number comes twice. */
public final class Loader implements AutoCloseable {

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final RedisConnection connection;
    private final Pipeline pipeline;
    private final Traffic traffic;
    private long next;

    public Loader(RedisUri server, Traffic traffic) {
        this.connection = RedisConnection.open(server);
        this.pipeline = new Pipeline(connection);
        this.traffic = traffic;
    }

    /** So many commands, as fast as the server takes them. */
    public void write(long count) {
        long end = next + count;
        while (next < end) {
            traffic.add(pipeline, next++);
        }
        pipeline.flush();
    }

    /**
     * Commands at a rate, for a time: every millisecond those that are due, and what is late all at once. Not as soon as each is
     * due: that would be a round trip for a few of them, and the server would do little but answer.
     *
     * @return how many
     */
    public long write(double perSecond, double seconds) {
        long begin = System.nanoTime();
        long first = next;
        long count = Math.round(perSecond * seconds);
        while (next < first + count) {
            long now = System.nanoTime();
            long due = Math.min(count, (long) ((now - begin) / 1e9 * perSecond));
            write(first + due - next);
            LockSupport.parkNanos(now + TICK_NANOS - System.nanoTime());
        }
        return count;
    }

    @Override
    public void close() {
        connection.close();
    }
}
