package io.rediscdc.sentinel;

import io.rediscdc.connection.Watch;
import io.rediscdc.error.SentinelException;
import java.io.Closeable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the sentinels every {@value #INTERVAL_MS} ms whether the master is another one, on a thread of its own: a connection
 * to a master that is cut off from them does not end when they promote a replica.
 */
public final class MasterWatch implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(MasterWatch.class);
    private static final long INTERVAL_MS = 3_000;

    private final Sentinels sentinels;
    private final Watch watch;

    /** Begins it; the sentinels are the caller's. */
    public MasterWatch(Sentinels sentinels, String master) {
        this.sentinels = sentinels;
        this.watch = Watch.begin("redis-cdc-master-watch-" + master, INTERVAL_MS, INTERVAL_MS, this::look);
    }

    private void look() {
        try {
            sentinels.refresh();
        } catch (SentinelException e) {
            // Whoever needs a connection asks again, and says then what is wrong.
            LOG.debug("Not known whether the master is another one", e);
        }
    }

    /** Ends the thread; to end it at once, close the sentinels before. The second time it does nothing. */
    @Override
    public void close() {
        watch.close();
    }
}
