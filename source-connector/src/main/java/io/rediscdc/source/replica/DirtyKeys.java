package io.rediscdc.source.replica;

import io.rediscdc.model.ChangeKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Keys that the history has changed and whose states have not been handed out since: each is there once, with the place before
 * its first change. In the order of those places, so the first one's is where the history has to be read again from. Of a
 * bounded number. Not thread-safe.
 */
final class DirtyKeys {

    /**
     * A place in the history, outside any transaction.
     *
     * @param offset of the last byte before it
     * @param db the database that is selected there
     */
    record Boundary(long offset, int db) {}

    /** Where a key was first changed, and when that was read. */
    private record Entry(Boundary before, long sinceNanos) {}

    private final int most;
    private final long delayNanos;
    private Map<ChangeKey, Entry> keys = new LinkedHashMap<>();

    DirtyKeys(StateOptions options) {
        this.most = options.mostKeys();
        this.delayNanos = TimeUnit.MILLISECONDS.toNanos(options.flushIntervalMs());
    }

    /**
     * Notes a change of a key.
     *
     * @return false if there is no room for another key
     */
    boolean add(ChangeKey key, Boundary before, long nowNanos) {
        if (keys.size() >= most) {
            return keys.containsKey(key);
        }
        keys.putIfAbsent(key, new Entry(before, nowNanos));
        return true;
    }

    /** Two databases change places: what is not known of a key is so of its name in either. */
    void swap(int one, int other) {
        Map<ChangeKey, Entry> swapped = new LinkedHashMap<>();
        keys.forEach((key, entry) -> {
            swapped.putIfAbsent(key, entry);
            if (key.db() == one || key.db() == other) {
                swapped.putIfAbsent(new ChangeKey(key.db() == one ? other : one, key.key()), entry);
            }
        });
        keys = swapped;
    }

    /** Those that have waited for long enough, first ones first. They stay. */
    List<ChangeKey> due(int max, long nowNanos) {
        List<ChangeKey> due = new ArrayList<>(Math.min(max, keys.size()));
        for (Map.Entry<ChangeKey, Entry> next : keys.entrySet()) {
            if (due.size() == max || nowNanos - next.getValue().sinceNanos() < delayNanos) {
                break;
            }
            due.add(next.getKey());
        }
        return due;
    }

    /** How long it is until one is due, ns; negative if one is. Not to be called while it is empty. */
    long dueInNanos(long nowNanos) {
        return keys.values().iterator().next().sinceNanos() + delayNanos - nowNanos;
    }

    /** Its state has been handed out, as it is after all changes noted so far. */
    void remove(ChangeKey key) {
        keys.remove(key);
    }

    /** The place before the first change that is not handed out; null for none. */
    Boundary first() {
        return keys.isEmpty() ? null : keys.values().iterator().next().before();
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    int size() {
        return keys.size();
    }
}
