package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.source.scan.ScanPoint.Phase;
import java.io.Closeable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Attaches to a server, on a thread of its own: who waits for it can wait in turns. */
final class ScanAttachment implements Closeable {

    private final LinkOwner owner = new LinkOwner();
    private final FutureTask<ScanRun> task;

    ScanAttachment(ScanOptions options, ScanShard shard, ScanPoint point, ScanStatus status) {
        this.task = new FutureTask<>(() -> attach(options, shard, point, status));
        Thread thread = new Thread(task, "redis-cdc-scan-attach-" + options.shard());
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether what was begun can be gone on with at a server. */
    static boolean goesOn(ScanPoint point, ServerFacts facts, ScanOptions options) {
        if (!options.mode().scans()) {
            return point.phase() == Phase.LIVE;
        }
        // Where changes are followed, those of the time between are lost.
        return point.phase() == Phase.SCAN
                && !options.mode().isLive()
                && point.runId() != null
                && point.runId().equals(facts.runId());
    }

    private ScanRun attach(ScanOptions options, ScanShard shard, ScanPoint point, ScanStatus status) {
        try {
            ScanNodes.Found server = ScanNodes.find(options, shard.nodes(), point.runId(), owner);
            ScanPoint from = goesOn(point, server.facts(), options) ? point : ScanPoint.start(0, point.last());
            return new ScanRun(options, server, owner, options.mode().scans() ? from : null, status);
        } catch (RedisCdcException e) {
            owner.close();
            throw e;
        }
    }

    /**
     * Waits for the run, which has not been started then.
     *
     * @return null if there is none within the time
     * @throws RedisCdcException if there will be none
     */
    ScanRun await(long waitMs) throws InterruptedException {
        try {
            return task.get(waitMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisCdcException failure) {
                throw failure;
            }
            throw new RedisCdcException(Category.PROTOCOL, "attaching failed: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
