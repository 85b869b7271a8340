package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What has been read and not been handed out: so many bytes, and so many states, since a restart reads them again. Any
 * thread.
 */
final class Outbox {

    private static final int MOST_STATES = 2_000;

    private final long mostBytes;
    private final Deque<KeyState> states = new ArrayDeque<>();
    private long bytes;
    private RedisCdcException failure;

    Outbox(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Waits for room, and adds these, however large they are together. */
    synchronized void put(List<KeyState> added) throws InterruptedException {
        while (isFull()) {
            wait();
        }
        for (KeyState state : added) {
            states.add(state);
            bytes += state.bytes();
        }
        notifyAll();
    }

    /**
     * The next one.
     *
     * @return null if there is none within the time
     * @throws RedisCdcException what {@link #fail} was given, at once
     */
    synchronized KeyState take(long waitMs) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
        while (states.isEmpty() && failure == null) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
            if (leftMs <= 0) {
                return null;
            }
            wait(leftMs);
        }
        if (failure != null) {
            throw failure;
        }
        KeyState next = states.remove();
        boolean wasFull = states.size() >= MOST_STATES - 1 || bytes > mostBytes;
        bytes -= next.bytes();
        if (wasFull && !isFull()) {
            notifyAll();
        }
        return next;
    }

    private boolean isFull() {
        return bytes > mostBytes || states.size() >= MOST_STATES;
    }

    synchronized boolean isEmpty() {
        return states.isEmpty();
    }

    /** Ends it: the first failure counts. */
    synchronized void fail(RedisCdcException e) {
        if (failure == null) {
            failure = e;
        }
        notifyAll();
    }

    synchronized void wake() {
        notifyAll();
    }
}
