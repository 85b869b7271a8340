package io.rediscdc.connection;

import java.io.Closeable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Looks at something again and again, on a thread of its own. */
public final class Watch implements Closeable {

    private static final long END_PATIENCE_MS = 2_000;

    private final long leastMs;
    private final long mostMs;
    private final Runnable look;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private Watch(String name, long leastMs, long mostMs, Runnable look) {
        this.leastMs = leastMs;
        this.mostMs = mostMs;
        this.look = look;
        this.thread = new Thread(this::watch, name);
        thread.setDaemon(true);
    }

    /**
     * Begins it, with a pause. The time between two looks is another one each time, so that not all look at the same moment.
     *
     * @param name of the thread
     * @param leastMs the shortest pause, ms
     * @param mostMs the longest, ms, which may be the same
     * @param look must not throw, since nobody would look any more
     */
    public static Watch begin(String name, long leastMs, long mostMs, Runnable look) {
        Watch watch = new Watch(name, leastMs, mostMs, look);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try {
            while (!closed.await(ThreadLocalRandom.current().nextLong(leastMs, mostMs + 1), TimeUnit.MILLISECONDS)) {
                look.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the thread when it has looked. The second time it does nothing. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(END_PATIENCE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
