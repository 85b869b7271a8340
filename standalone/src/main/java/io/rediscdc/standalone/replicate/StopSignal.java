package io.rediscdc.standalone.replicate;

import io.rediscdc.standalone.process.AtExit;
import io.rediscdc.standalone.process.ProcessException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM: the main thread is interrupted, ends its work in order, and the program exits with the code that
 * it names. If it does not end in time, the children are stopped without it.
 */
public final class StopSignal implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Thread main = Thread.currentThread();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Runnable action = this::stop;
    private volatile boolean requested;
    private volatile int exitCode;

    /** From now on, signals stop the calling thread. */
    public StopSignal() {
        AtExit.runFirst(action);
    }

    public boolean isRequested() {
        return requested;
    }

    /** Waits; returns at once with an exception if a stop is requested. */
    public void pause(long ms) {
        if (!requested) {
            try {
                Thread.sleep(ms);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (requested) {
            throw new ProcessException("interrupted");
        }
    }

    /** All is in order; a program that ends by signal exits with this code. */
    public void finished(int code) {
        exitCode = code;
        finished.countDown();
    }

    @Override
    public void close() {
        finished.countDown();
        AtExit.forget(action);
    }

    private void stop() {
        requested = true;
        main.interrupt();
        try {
            if (finished.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                System.out.flush();
                // exit() cannot be called here, and a signal's own code would be no 0.
                Runtime.getRuntime().halt(exitCode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
