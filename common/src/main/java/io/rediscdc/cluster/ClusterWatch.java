package io.rediscdc.cluster;

import io.rediscdc.error.ClusterException;
import java.io.Closeable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for the shape of a cluster about every {@value #INTERVAL_MS} ms, on a thread of its own. Where nobody answers,
 * nothing is said: whoever needs a connection asks again, and says then what is wrong.
 */
public final class ClusterWatch implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterWatch.class);
    private static final long INTERVAL_MS = 3_000;
    private static final long END_PATIENCE_MS = 2_000;

    private final ClusterTopology topology;
    private final Consumer<ClusterView> seen;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /**
     * Begins it.
     *
     * @param topology the caller's
     * @param seen is told what it looks like, whether or not that is new
     */
    public ClusterWatch(ClusterTopology topology, Consumer<ClusterView> seen) {
        this.topology = topology;
        this.seen = seen;
        this.thread = new Thread(this::watch, "redis-cdc-cluster-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            // Not all at the same moment.
            while (!closed.await(
                    INTERVAL_MS * 3 / 4 + ThreadLocalRandom.current().nextLong(INTERVAL_MS / 2),
                    TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        ClusterView view;
        try {
            view = topology.ask();
        } catch (ClusterException e) {
            LOG.debug("Not known what the cluster looks like", e);
            return;
        }
        seen.accept(view);
    }

    /** Ends the thread; to end it at once, close the topology before. The second time it does nothing. */
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
