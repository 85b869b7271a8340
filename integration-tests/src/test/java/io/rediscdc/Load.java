package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes what shows whether it is executed once and in order, one command after the other, until it is stopped. The keys of a
 * command have the same tag.
 */
final class Load implements AutoCloseable {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Deployment to;
    private final List<String> tags;
    private final Thread thread;
    private volatile boolean over;
    private volatile Throwable failure;

    Load(Deployment to, List<String> tags) {
        this.to = to;
        this.tags = List.copyOf(tags);
        thread = new Thread(this::run, "load");
        thread.setUncaughtExceptionHandler((failed, e) -> failure = e);
        thread.start();
    }

    private void run() {
        for (int i = 0; !over; i++) {
            // What comes has to be kept up with, also on a slow machine.
            LockSupport.parkNanos(PAUSE_NANOS);
            String tag = tags.get(i % tags.size());
            to.write("INCR", tag + "n");
            to.write("LPUSH", tag + "l", Integer.toString(i));
            to.write("SADD", tag + "s", Integer.toString(i % 50));
            if (i % 3 == 0) {
                // What comes is a RENAME; a promoted replica may lack what was to be renamed.
                to.write(
                        "EVAL",
                        "if redis.call('EXISTS',KEYS[1])==1 then redis.call('RENAME',KEYS[1],KEYS[2]) end",
                        "2",
                        tag + "n",
                        tag + "m");
            } else if (i % 7 == 0) {
                to.write("DEL", tag + "l");
            } else if (i % 2 == 0) {
                // Comes as MULTI, INCR, RPUSH, EXEC.
                to.write(
                        "EVAL",
                        "redis.call('INCR',KEYS[1]) redis.call('RPUSH',KEYS[2],ARGV[1])",
                        "2",
                        tag + "n",
                        tag + "t",
                        Integer.toString(i));
            }
        }
    }

    /** Ends it; fails if it has failed. */
    void stop() {
        close();
        assertThat(failure).as("what ended the load").isNull();
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
