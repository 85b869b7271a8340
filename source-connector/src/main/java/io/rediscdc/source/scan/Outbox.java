package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What has been read and not been handed out: a bounded number of bytes. Any thread. */
final class Outbox {

    private final long mostBytes;
    private final Deque<KeyState> states = new ArrayDeque<>();
    private long bytes;
    private RedisCdcException failure;

    Outbox(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Waits for room, and adds these, however large they are together. */
    synchronized void put(List<KeyState> added) throws InterruptedException {
        while (bytes > mostBytes) {
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
        boolean wasFull = bytes > mostBytes;
        bytes -= next.bytes();
        if (wasFull && bytes <= mostBytes) {
            notifyAll();
        }
        return next;
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
