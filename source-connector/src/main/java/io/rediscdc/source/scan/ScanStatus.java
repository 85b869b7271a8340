package io.rediscdc.source.scan;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What a capture by SCAN can say of itself at any time. Any thread. */
public final class ScanStatus {

    private final AtomicLong scans = new AtomicLong();
    private final AtomicLong keysRead = new AtomicLong();
    private final AtomicLong keysLeftOut = new AtomicLong();
    private final AtomicLong valuesTorn = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong gaps = new AtomicLong();
    private final AtomicLong attachments = new AtomicLong();
    private volatile boolean attached;
    private volatile long detachedAt = System.nanoTime();
    private volatile boolean scanning;
    private volatile boolean ended;
    private volatile long epoch;
    private volatile ChangedKeys changed;

    void attached() {
        attached = true;
        attachments.incrementAndGet();
    }

    void detached() {
        if (attached) {
            detachedAt = System.nanoTime();
            attached = false;
        }
    }

    void scanBegun(long newEpoch) {
        scans.incrementAndGet();
        scanning = true;
        epoch = newEpoch;
    }

    void scanGoesOn(long sameEpoch) {
        scanning = true;
        epoch = sameEpoch;
    }

    void scanEnded() {
        scanning = false;
    }

    void ended() {
        ended = true;
    }

    void epoch(long current) {
        epoch = current;
    }

    void read(int keys) {
        keysRead.addAndGet(keys);
    }

    void leftOut() {
        keysLeftOut.incrementAndGet();
    }

    void torn() {
        valuesTorn.incrementAndGet();
    }

    void event() {
        events.incrementAndGet();
    }

    void follows(ChangedKeys keys) {
        changed = keys;
    }

    void gap() {
        gaps.incrementAndGet();
    }

    public boolean isAttached() {
        return attached;
    }

    /** For how long there has been no connection, in ms; 0 if there is one, or none is needed. */
    public long detachedMs() {
        return attached || ended ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - detachedAt);
    }

    /** How often it has connected anew, but for the first time. */
    public long reconnects() {
        return Math.max(0, attachments.get() - 1);
    }

    /** Scans begun. */
    public long scans() {
        return scans.get();
    }

    public boolean isScanning() {
        return scanning;
    }

    /** Whether there is nothing left to do. */
    public boolean isEnded() {
        return ended;
    }

    public long epoch() {
        return epoch;
    }

    /** Keys whose state has been asked for. */
    public long keysRead() {
        return keysRead.get();
    }

    /** Keys left out because they take too much memory. */
    public long keysLeftOut() {
        return keysLeftOut.get();
    }

    /** Large values that changed whenever they were read. */
    public long valuesTorn() {
        return valuesTorn.get();
    }

    /** Events received of keys that changed. */
    public long events() {
        return events.get();
    }

    /** Keys that changed and have not been read yet. */
    public long keysWaiting() {
        ChangedKeys following = changed;
        return following == null ? 0 : following.size();
    }

    /** How often changes may have been missed. */
    public long gaps() {
        return gaps.get();
    }
}
