package io.rediscdc.standalone.process;

import java.time.Duration;

/** A server in a process of its own, which can be stopped, killed and started again in the same place. One thread at a time. */
public abstract class ServerProcess implements AutoCloseable {

    private final Duration stopPatience;
    private ChildProcess process;

    /** @param stopPatience how long an orderly end may take before it is ended at once */
    ServerProcess(Duration stopPatience) {
        this.stopPatience = stopPatience;
    }

    /** Starts it and waits until it serves. */
    public abstract void start();

    /** Notes what {@link #start()} has started. */
    void started(ChildProcess started) {
        process = started;
    }

    void requireStopped(String name) {
        if (isAlive()) {
            throw new IllegalStateException(name + " runs already");
        }
    }

    public final long pid() {
        return process.pid();
    }

    public final boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** The running (or last) process. */
    public final ChildProcess process() {
        return process;
    }

    /** Orderly; does nothing if it does not run. */
    public final void stop() {
        if (process != null) {
            process.terminate(stopPatience);
        }
    }

    /** kill -9. */
    public final void kill() {
        if (process != null) {
            process.kill();
        }
    }

    /** Stops it if it runs, and starts it again: same ports, same data. */
    public final void restart() {
        stop();
        start();
    }

    @Override
    public void close() {
        stop();
    }
}
