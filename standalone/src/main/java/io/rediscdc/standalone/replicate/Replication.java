package io.rediscdc.standalone.replicate;

import io.rediscdc.standalone.process.ConnectRestException;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.KafkaBroker;
import io.rediscdc.standalone.process.ProcessException;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisErrorException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * A flow from a source to a target through a broker and a worker of our own. Closing it stops connectors, worker and
 * broker, in this order.
 */
final class Replication implements AutoCloseable {

    private static final long POLL_MS = 300;
    private static final long LIVE_POLL_MS = 500;
    private static final long STALL_NS = 30_000_000_000L;

    private final Endpoint source;
    private final Endpoint target;
    private final FlowConfig config;
    private final StopSignal stop;
    private final Progress progress;
    private final KafkaBroker broker;
    private final ConnectWorker worker;
    private final Flow flow;

    private boolean deployed;
    private boolean serversAway;
    private Checkpoint last;
    private long lastMoveNs = System.nanoTime();
    private boolean stallNoted;

    Replication(
            Home home,
            Path directory,
            String workerHeap,
            FlowConfig config,
            Endpoint source,
            Endpoint target,
            StopSignal stop,
            Progress progress) {
        this.config = config;
        this.source = source;
        this.target = target;
        this.stop = stop;
        this.progress = progress;
        this.broker = new KafkaBroker(home, directory);
        this.worker = new ConnectWorker(
                home, directory, broker.bootstrap(), workerHeap, Map.of(), config.environment(broker.bootstrap()));
        this.flow = new Flow(worker.rest(), config);
    }

    /** CPU seconds of our processes so far, their start included. */
    String cpu() {
        return String.format(
                Locale.ROOT, "worker %.1f s, broker %.1f s", cpuSeconds(worker.pid()), cpuSeconds(broker.pid()));
    }

    private static double cpuSeconds(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .map(Duration::toMillis)
                        .orElse(0L)
                / 1000.0;
    }

    /** Starts broker and worker side by side, and deploys the connectors. */
    void start() {
        broker.launch();
        worker.launch();
        broker.awaitReady();
        worker.awaitReady();
        flow.deploy();
        deployed = true;
        lastMoveNs = System.nanoTime();
    }

    /** Waits until the target has a whole snapshot; returns the number of keys the source had. */
    long awaitSnapshot() {
        long total = source.keys();
        while (true) {
            Checkpoint checkpoint = poll();
            if (checkpoint != null) {
                if (checkpoint.hasSnapshot()) {
                    progress.keys("snapshot", total, total);
                    return total;
                }
                total = Math.max(total, source.keys());
                progress.keys("snapshot", Math.min(total, checkpoint.keysDone()), total);
            }
            stop.pause(POLL_MS);
        }
    }

    /**
     * Waits until the target has everything up to the given offset of the source, and its keys expire when they do there.
     * While somebody goes on to write, that may not be: then only so long.
     */
    void awaitOffset(long offset) {
        long deadlineNote = System.nanoTime() + STALL_NS;
        long deadlineExpiry = Long.MAX_VALUE;
        while (true) {
            Checkpoint checkpoint = poll();
            if (checkpoint != null && checkpoint.hasSnapshot()) {
                long missing = offset - checkpoint.position().offset();
                if (missing <= 0 && checkpoint.expiryExact()) {
                    return;
                }
                if (missing <= 0 && deadlineExpiry == Long.MAX_VALUE) {
                    deadlineExpiry = System.nanoTime() + STALL_NS;
                } else if (missing <= 0 && System.nanoTime() - deadlineExpiry > 0) {
                    progress.note("expire times at the target are not exact yet: the flow is behind, or clocks differ");
                    return;
                } else if (missing > 0 && System.nanoTime() - deadlineNote > 0) {
                    progress.lag(missing, 0);
                }
            }
            stop.pause(POLL_MS);
        }
    }

    /** Shows the lag until a stop is requested, which ends it with an exception. */
    void runLive() {
        Rate rate = new Rate();
        while (true) {
            Checkpoint checkpoint = poll();
            if (checkpoint != null) {
                rate.add(System.nanoTime(), checkpoint.kafkaOffset());
                if (checkpoint.snapshotOpen()) {
                    progress.keys("snapshot", checkpoint.keysDone(), source.keys());
                } else if (checkpoint.hasSnapshot()) {
                    showLag(checkpoint, rate.perSecond());
                }
            }
            stop.pause(LIVE_POLL_MS);
        }
    }

    private void showLag(Checkpoint checkpoint, double perSecond) {
        try {
            long lag = source.replicationOffset() - checkpoint.position().offset();
            progress.lag(Math.max(0, lag), perSecond);
        } catch (RedisConnectionException | RedisErrorException e) {
            away(e);
        }
    }

    /**
     * Where the flow stands; null if it does not say yet, or its target is away.
     *
     * @throws FlowFailedException if any part of it has failed
     */
    private Checkpoint poll() {
        if (!worker.isAlive()) {
            throw new FlowFailedException(
                    "the Connect worker ended" + worker.process().tail());
        }
        if (!broker.isAlive()) {
            throw new FlowFailedException(
                    "the Kafka broker ended" + broker.process().tail());
        }
        flow.check();
        try {
            Checkpoint checkpoint = target.checkpoint(config.name());
            serversAway = false;
            if (checkpoint != null && checkpoint.stuck() != null) {
                throw new FlowFailedException("the target refused a change, at " + checkpoint.stuck());
            }
            noteStall(checkpoint);
            return checkpoint;
        } catch (RedisConnectionException | RedisErrorException e) {
            away(e);
            return null;
        }
    }

    private void noteStall(Checkpoint checkpoint) {
        if (checkpoint == null || !checkpoint.equals(last)) {
            stallNoted = stallNoted && checkpoint == null;
            lastMoveNs = checkpoint == null && last == null ? lastMoveNs : System.nanoTime();
            last = checkpoint;
        }
        if (!stallNoted && System.nanoTime() - lastMoveNs > STALL_NS) {
            stallNoted = true;
            progress.note("nothing has arrived at the target for 30 s; " + lastComplaint());
        }
    }

    /** What a connector that goes on trying has written last. */
    private String lastComplaint() {
        String complaint = Traces.lastComplaint(worker.process().output());
        return complaint == null ? "no complaint in " + worker.log() : "last in " + worker.log() + ": " + complaint;
    }

    /** The connectors go on trying, and so do we; said once. */
    private void away(RuntimeException e) {
        if (!serversAway) {
            serversAway = true;
            progress.note("waiting: " + e.getMessage());
        }
    }

    /** Removes the connectors, for good. */
    void deleteFlow() {
        flow.delete();
        deployed = false;
    }

    Path workerLog() {
        return worker.log();
    }

    @Override
    public void close() {
        // If a signal interrupted this thread, it has done so to get here.
        Thread.interrupted();
        if (!broker.isAlive()) {
            // Without it, nothing that the worker would do in order can succeed.
            worker.kill();
        }
        try {
            if (deployed && worker.isAlive()) {
                flow.stop();
            }
        } catch (ConnectRestException | ProcessException e) {
            progress.note("the connectors could not be stopped one by one: " + e.getMessage());
        } finally {
            try {
                worker.close();
            } finally {
                broker.close();
            }
        }
    }
}
