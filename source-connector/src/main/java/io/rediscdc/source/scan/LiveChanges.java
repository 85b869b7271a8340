package io.rediscdc.source.scan;

import io.rediscdc.model.ChangeKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Follows what changes at a server: is told of keys, and has them read. */
final class LiveChanges {

    private static final int MOST_AT_A_TIME = 1_000;
    private static final long WAIT_MS = 20;

    private final ScanOptions options;
    private final ScanLink link;
    private final ChangedKeys changed;
    private final ChangeFeed feed;
    private final KeyspaceWatch watch;

    /** Databases seen so far, where the feed does not name them. */
    private final TreeSet<Integer> databases = new TreeSet<>();

    /**
     * Follows nothing yet.
     *
     * @param link to ask on; used by the thread that calls {@link #dispatch}
     * @param own to be told on
     */
    LiveChanges(ScanOptions options, ScanLink link, ScanLink own, ScanStatus status) {
        this.options = options;
        this.link = link;
        this.changed = new ChangedKeys(options.live());
        this.watch = new KeyspaceWatch(link, options);
        this.feed = options.live().feed() == LiveOptions.Feed.KEYSPACE
                ? new KeyspaceFeed(own, options, changed, status)
                : new TrackingFeed(link, own, options, changed, status);
        status.follows(changed);
    }

    /** From here on nothing is missed. */
    void begin() {
        watch.begin();
        feed.subscribe();
    }

    /** What the thread of the feed does. */
    void listen() {
        feed.listen();
    }

    /** A key has to be read again. */
    void again(ChangeKey key) {
        changed.add(key, "");
    }

    /**
     * Has keys read that have changed, and looks whether anything is missed.
     *
     * @return whether there was one
     */
    boolean dispatch(KeyReaders readers) throws InterruptedException {
        watch.look(System.nanoTime());
        return read(changed.takeDue(MOST_AT_A_TIME), readers);
    }

    /** Has all keys read that have changed. */
    void dispatchAll(KeyReaders readers) throws InterruptedException {
        read(changed.takeAll(), readers);
    }

    /** Waits until there may be something to do. */
    void await(boolean scanning) throws InterruptedException {
        changed.await(scanning ? 1 : WAIT_MS);
    }

    long quietMs() {
        return changed.quietMs();
    }

    private boolean read(List<ChangeKey> keys, KeyReaders readers) throws InterruptedException {
        if (keys.isEmpty()) {
            return false;
        }
        if (options.live().feed() == LiveOptions.Feed.TRACKING) {
            // It may be in one that did not exist a moment ago, or not any more in one that has gone.
            databases.addAll(ServerFacts.databases(link, options));
        }
        Map<Integer, List<byte[]>> byDatabase = new TreeMap<>();
        for (ChangeKey key : keys) {
            if (key.db() == TrackingFeed.ANY_DB) {
                databases.forEach(db -> add(byDatabase, db, key));
            } else {
                add(byDatabase, key.db(), key);
            }
        }
        for (Map.Entry<Integer, List<byte[]>> each : byDatabase.entrySet()) {
            readers.read(each.getKey(), each.getValue(), null);
        }
        return true;
    }

    private static void add(Map<Integer, List<byte[]>> byDatabase, int db, ChangeKey key) {
        byDatabase.computeIfAbsent(db, any -> new ArrayList<>()).add(key.key());
    }
}
