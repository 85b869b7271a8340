package io.rediscdc.source.scan;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.slot.SlotRanges;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes on between attaching to a server and losing it: threads that go through its keys, read their values and, where
 * changes are followed, listen. The first failure of any of them ends all. What they find is in the {@link Outbox}.
 */
final class ScanRun implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ScanRun.class);
    private static final long MOST_BYTES = 16L << 20;
    private static final long JOIN_MS = 2_000;
    private static final int MOST_ASKED = 1_000;
    private static final int MOST_ANSWERED = 16;

    /**
     * Notifications that we have turned on.
     *
     * @param before what the server's notify-keyspace-events was
     */
    record Changed(RedisAddress node, String before) {

        /** Sets it back; on a connection of its own, since those of the run are closed by then. */
        void restore(ScanOptions options) {
            try (LinkOwner own = new LinkOwner()) {
                Notifications.restore(ScanLink.open(node, options, own), before);
            } catch (RedisCdcException e) {
                LOG.warn("Notifications stay turned on at {}: {}", node, e.getMessage());
            }
        }
    }

    /** Part of the work that has a thread. */
    private interface Work {
        void run() throws InterruptedException;
    }

    private final ScanOptions options;
    private final ServerFacts facts;
    private final ScanLink link;
    private final LinkOwner owner;
    private final Outbox outbox = new Outbox(MOST_BYTES);
    private final RateLimit bytes;
    private final KeyReaders readers;
    private final LargeKeys large;

    /** Null where changes are not followed. */
    private final LiveChanges live;

    /** Null where nothing is scanned. */
    private final ScanWalker walker;

    private final List<byte[]> libraries;
    private final ConcurrentLinkedQueue<ScanPage> pages = new ConcurrentLinkedQueue<>();

    /** Keys that somebody wants to know the states of. */
    private final ConcurrentLinkedQueue<ChangeKey> asked = new ConcurrentLinkedQueue<>();

    /** Slots that have come to this node of a cluster. */
    private final ConcurrentLinkedQueue<Integer> gained = new ConcurrentLinkedQueue<>();

    private final SlotKeys slotKeys;
    private final List<Thread> threads = new ArrayList<>();
    private Changed changedFlags;
    private volatile boolean closed;

    /**
     * Prepares everything, on the thread of the caller.
     *
     * @param from where the scan goes on; null for none
     */
    ScanRun(ScanOptions options, ScanNodes.Found server, LinkOwner owner, ScanPoint from, ScanStatus status) {
        this.options = options;
        this.facts = server.facts();
        this.link = server.link();
        this.owner = owner;
        this.bytes = new RateLimit(options.bytesPerSecond());
        this.live = options.mode().isLive() ? follow(status) : null;
        this.large = new LargeKeys(options, outbox, bytes, status, this::again);
        this.readers = new KeyReaders(options, outbox, large, bytes, status);
        this.libraries = from == null || !isBeginning(from) ? List.of() : readLibraries();
        this.slotKeys = new SlotKeys(link, options);
        List<Integer> databases = ServerFacts.databases(link, options);
        this.walker = from == null ? null : new ScanWalker(link, options, databases, from.db(), from.cursor());
        for (int i = 0; i < readers.threads(); i++) {
            int reader = i;
            ScanLink own = open();
            thread("reader-" + i, () -> readers.run(reader, own, facts));
        }
        ScanLink forLarge = open();
        thread("large", () -> large.run(forLarge, facts));
        thread("walker", this::walk);
    }

    void start() {
        threads.forEach(Thread::start);
    }

    Outbox outbox() {
        return outbox;
    }

    ServerFacts facts() {
        return facts;
    }

    RedisAddress node() {
        return link.node();
    }

    /** Has states of keys read because somebody wants to know them. Who asks asks again, so some may be dropped. */
    void answer(List<ChangeKey> keys) {
        if (asked.size() < MOST_ASKED) {
            keys.stream().filter(options::reads).forEach(asked::add);
        }
    }

    /** Has all keys of slots read that have come here: of what happened to them on their way not all was told. */
    void readSlots(SlotRanges slots) {
        slots.stream().forEach(gained::add);
    }

    /** Code of the function libraries that the server has, if a scan begins and the server says so. */
    List<byte[]> libraries() {
        return List.copyOf(libraries);
    }

    /** Pages in their order: none is handed out before those in front of it. */
    ConcurrentLinkedQueue<ScanPage> pages() {
        return pages;
    }

    /** Null if notifications were on. */
    Changed changedFlags() {
        return changedFlags;
    }

    /** For how long nothing has changed, ms; 0 where changes are not followed. */
    long quietMs() {
        return live == null ? 0 : live.quietMs();
    }

    private static boolean isBeginning(ScanPoint from) {
        return from.db() == 0 && from.cursor().equals("0");
    }

    private ScanLink open() {
        ScanLink opened = ScanLink.open(link.node(), options, owner);
        opened.isOld(link.isOld());
        if (facts.runId() != null && !facts.runId().equals(ServerFacts.runId(opened))) {
            throw new RedisCdcException(
                    Category.CONNECTION, link.node() + " leads to several servers, or has been started anew");
        }
        return opened;
    }

    /** From before the scan begins, so that nothing is missed. */
    private LiveChanges follow(ScanStatus status) {
        if (options.live().feed() == LiveOptions.Feed.KEYSPACE) {
            String before = Notifications.require(link, options);
            changedFlags = before == null ? null : new Changed(link.node(), before);
        }
        ScanLink feed = open();
        LiveChanges changes = new LiveChanges(options, link, feed, status);
        changes.begin();
        thread("feed", changes::listen);
        return changes;
    }

    private void again(ChangeKey key) {
        if (live != null) {
            live.again(key);
        }
    }

    /** Keys that have changed come first; a page of the scan is taken whenever they leave room. */
    private void walk() throws InterruptedException {
        RateLimit keys = new RateLimit(options.keysPerSecond());
        boolean scanning = walker != null;
        while (scanning || live != null) {
            boolean busy = live != null && live.dispatch(readers);
            busy |= answer();
            busy |= readSlot();
            if (scanning && walker.isDone()) {
                end();
                scanning = false;
            } else if (scanning && (live == null || readers.hasRoom())) {
                long waitMs = Math.max(keys.waitMs(), bytes.waitMs());
                if (waitMs == 0) {
                    page(keys);
                    busy = true;
                } else if (live == null) {
                    Thread.sleep(waitMs);
                }
            }
            if (live != null && !busy) {
                live.await(scanning);
            }
        }
    }

    private boolean answer() throws InterruptedException {
        if (asked.isEmpty()) {
            return false;
        }
        Map<Integer, List<byte[]>> byDatabase = new TreeMap<>();
        for (int i = 0; i < MOST_ANSWERED && !asked.isEmpty(); i++) {
            ChangeKey key = asked.remove();
            byDatabase.computeIfAbsent(key.db(), db -> new ArrayList<>()).add(key.key());
        }
        for (Map.Entry<Integer, List<byte[]>> each : byDatabase.entrySet()) {
            readers.answer(each.getKey(), each.getValue());
        }
        return true;
    }

    /** One at a time: what changes meanwhile is not to wait for them all. */
    private boolean readSlot() throws InterruptedException {
        Integer slot = gained.poll();
        if (slot == null) {
            return false;
        }
        readers.read(0, slotKeys.of(slot), null);
        return true;
    }

    private void page(RateLimit limit) throws InterruptedException {
        ScanWalker.Found found = walker.next();
        if (!found.keys().isEmpty()) {
            limit.take(found.keys().size());
            pages.add(found.page());
            readers.read(found.db(), found.keys(), found.page());
        }
    }

    /** What changed before the scan's end is handed out before it. */
    private void end() throws InterruptedException {
        if (live != null) {
            live.dispatchAll(readers);
        }
        ScanPage end = ScanPage.end(readers.threads());
        pages.add(end);
        readers.end(end);
    }

    private List<byte[]> readLibraries() {
        List<byte[]> code = new ArrayList<>();
        Reply reply = link.call("FUNCTION", "LIST", "WITHCODE");
        if (reply instanceof Reply.Array array) {
            for (Reply library : array.elements()) {
                List<Reply> flat = ((Reply.Array) library).elements();
                for (int i = 0; i + 1 < flat.size(); i += 2) {
                    if (flat.get(i).text().equals("library_code")) {
                        code.add(((Reply.Bulk) flat.get(i + 1)).bytes());
                    }
                }
            }
        }
        return code;
    }

    private void thread(String name, Work work) {
        Thread thread = new Thread(() -> run(work), "redis-cdc-scan-" + name + "-" + link.node());
        thread.setDaemon(true);
        threads.add(thread);
    }

    private void run(Work work) {
        try {
            work.run();
        } catch (InterruptedException e) {
            LOG.debug("Ended", e);
        } catch (RedisCdcException e) {
            outbox.fail(e);
        } catch (RuntimeException | Error e) {
            outbox.fail(new RedisCdcException(Category.PROTOCOL, "reading from " + link.node() + " failed: " + e, e));
        }
    }

    /** Ends the connections and the threads; the second time it does nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        owner.close();
        threads.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(JOIN_MS);
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
