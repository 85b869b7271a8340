package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.ChangeKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Keys that have changed and have not been read since: each is there once, however often it changes meanwhile. Of a bounded
 * number; what does not fit is not dropped in silence. Any thread.
 */
final class ChangedKeys {

    private static final int RANKS = 8;

    private final int most;
    private final long delayNanos;
    private final boolean byType;

    /** Per rank, since when they wait; in the order in which they came. */
    private final List<Map<ChangeKey, Long>> ranks = new ArrayList<>();

    private int size;
    private long lastAdded = System.nanoTime();

    ChangedKeys(LiveOptions options) {
        this.most = options.queue();
        this.delayNanos = TimeUnit.MILLISECONDS.toNanos(options.flushIntervalMs());
        this.byType = options.byType();
        for (int i = 0; i < RANKS; i++) {
            ranks.add(new LinkedHashMap<>());
        }
    }

    /**
     * Adds a key, unless it is there.
     *
     * @param event the name of what happened to it
     * @throws RedisCdcException CONNECTION if there are too many: all has to be read again
     */
    synchronized void add(ChangeKey key, String event) {
        long now = System.nanoTime();
        lastAdded = now;
        if (ranks.get(byType ? rank(event) : 0).putIfAbsent(key, now) != null) {
            return;
        }
        if (++size > most) {
            throw new ChangesMissedException("more than " + most
                    + " keys have changed and not been read yet (event.queue): Kafka, or the server, is slower than its"
                    + " writers");
        }
        notifyAll();
    }

    /** Takes those that have waited for long enough, in the order in which they are to be read. */
    synchronized List<ChangeKey> takeDue(int max) {
        long now = System.nanoTime();
        // An order of types is one among those that are there: with one that is due, the others go.
        return take(max, byType && isAnyDue(now) ? now : now - delayNanos);
    }

    private boolean isAnyDue(long now) {
        for (Map<ChangeKey, Long> rank : ranks) {
            if (!rank.isEmpty() && now - rank.values().iterator().next() >= delayNanos) {
                return true;
            }
        }
        return false;
    }

    synchronized List<ChangeKey> takeAll() {
        return take(Integer.MAX_VALUE, System.nanoTime());
    }

    private List<ChangeKey> take(int max, long before) {
        List<ChangeKey> taken = new ArrayList<>();
        for (Map<ChangeKey, Long> rank : ranks) {
            Iterator<Map.Entry<ChangeKey, Long>> keys = rank.entrySet().iterator();
            while (taken.size() < max && keys.hasNext()) {
                Map.Entry<ChangeKey, Long> next = keys.next();
                if (next.getValue() - before > 0) {
                    break;
                }
                taken.add(next.getKey());
                keys.remove();
            }
        }
        size -= taken.size();
        return taken;
    }

    /** Waits until there may be one to take, or the time is up. */
    synchronized void await(long ms) throws InterruptedException {
        // The oldest may not be due yet.
        long waitMs = size == 0 ? ms : Math.max(1, Math.min(ms, TimeUnit.NANOSECONDS.toMillis(delayNanos) / 4));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
        int before = size;
        long left = deadline - System.nanoTime();
        while (size == before && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
    }

    synchronized int size() {
        return size;
    }

    /** For how long nothing has changed, ms; 0 where something waits. */
    synchronized long quietMs() {
        return size > 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastAdded);
    }

    /** What is small and often asked for comes first. */
    private static int rank(String event) {
        if (event.startsWith("json.")) {
            return 2;
        }
        if (event.startsWith("ts.")) {
            return 7;
        }
        return switch (event) {
            case "hset", "hdel", "hincrby", "hincrbyfloat", "hexpire", "hexpired", "hpersist" -> 1;
            case "lpush", "rpush", "lpop", "rpop", "linsert", "lset", "lrem", "ltrim" -> 3;
            case "sadd", "srem", "spop", "sinterstore", "sunionstore", "sdiffstore" -> 4;
            default -> event.startsWith("z") ? 5 : event.startsWith("x") ? 6 : 0;
        };
    }
}
