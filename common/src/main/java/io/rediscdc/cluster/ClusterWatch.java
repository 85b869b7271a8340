package io.rediscdc.cluster;

import io.rediscdc.connection.Watch;
import io.rediscdc.error.ClusterException;
import java.io.Closeable;
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

    private final ClusterTopology topology;
    private final Consumer<ClusterView> seen;
    private final Watch watch;

    /**
     * Begins it.
     *
     * @param topology the caller's
     * @param seen is told what it looks like, whether or not that is new
     */
    public ClusterWatch(ClusterTopology topology, Consumer<ClusterView> seen) {
        this.topology = topology;
        this.seen = seen;
        this.watch = Watch.begin("redis-cdc-cluster-watch", INTERVAL_MS * 3 / 4, INTERVAL_MS * 5 / 4, this::look);
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
        watch.close();
    }
}
