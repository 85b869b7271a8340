package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
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

    /** Part of the work that has a thread. */
    private interface Work {
        void run() throws InterruptedException;
    }

    private final ScanOptions options;
    private final ServerFacts facts;
    private final ScanLink link;
    private final LinkOwner owner;
    private final Outbox outbox = new Outbox(MOST_BYTES);
    private final KeyReaders readers;
    private final LargeKeys large;
    private final ScanWalker walker;
    private final List<byte[]> libraries;
    private final ConcurrentLinkedQueue<ScanPage> pages = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
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
        this.large = new LargeKeys(options, outbox, status, key -> {});
        this.readers = new KeyReaders(options, outbox, large, status);
        this.libraries = from == null || !isBeginning(from) ? List.of() : readLibraries();
        List<Integer> databases = options.databases().isEmpty() ? ServerFacts.databases(link) : options.databases();
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

    String node() {
        return link.node().toString();
    }

    /** Code of the function libraries that the server has, if a scan begins and the server says so. */
    List<byte[]> libraries() {
        return List.copyOf(libraries);
    }

    /** Pages in their order: none is handed out before those in front of it. */
    ConcurrentLinkedQueue<ScanPage> pages() {
        return pages;
    }

    private static boolean isBeginning(ScanPoint from) {
        return from.db() == 0 && from.cursor().equals("0");
    }

    private ScanLink open() {
        ScanLink opened = ScanLink.open(link.node(), options, owner);
        if (facts.runId() != null && !facts.runId().equals(ServerFacts.runId(opened))) {
            throw new RedisCdcException(
                    Category.CONNECTION, link.node() + " leads to several servers, or has been started anew");
        }
        return opened;
    }

    private void walk() throws InterruptedException {
        RateLimit keys = new RateLimit(options.keysPerSecond());
        while (walker != null && !walker.isDone()) {
            ScanWalker.Found found = walker.next();
            if (!found.keys().isEmpty()) {
                keys.take(found.keys().size());
                pages.add(found.page());
                readers.read(found.db(), found.keys(), found.page());
            }
        }
        if (walker != null) {
            ScanPage end = ScanPage.end(readers.threads());
            pages.add(end);
            readers.end(end);
        }
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
