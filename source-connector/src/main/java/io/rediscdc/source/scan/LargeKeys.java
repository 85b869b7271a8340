package io.rediscdc.source.scan;

import io.rediscdc.command.piece.PieceWriter;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Piece;
import io.rediscdc.model.State;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that are read in windows, one after the other on a connection of its own: all other keys go on meanwhile. What
 * changes while it is read is begun again; where changes are followed, it is read once more after them anyway.
 */
final class LargeKeys {

    private static final Logger LOG = LoggerFactory.getLogger(LargeKeys.class);

    /** How often a value is begun that nobody would tell us has changed. */
    private static final int MOST_ATTEMPTS = 3;

    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Keys only. */
    private static final int MOST_WAITING = 10_000;

    /** A value that changes all the time is not read all the time: for so many times as long as it took, it rests. */
    private static final int REST = 2;

    /** One of them: it waits, is being read, or rests. */
    private static final class Entry {
        private final ScanPage page;
        private boolean waits = true;
        private boolean again;
        private long restsUntil;

        Entry(ScanPage page) {
            this.page = page;
        }
    }

    /** Ends the thread. */
    private static final class InterruptedReadingException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InterruptedReadingException(InterruptedException cause) {
            super(cause);
        }
    }

    private final ScanOptions options;
    private final Outbox outbox;
    private final RateLimit bytes;
    private final ScanStatus status;
    private final Consumer<ChangeKey> changed;

    private final Map<ChangeKey, Entry> entries = new LinkedHashMap<>();

    private volatile boolean empty = true;

    /** @param changed is told of keys that have to be read again, if changes are followed */
    LargeKeys(ScanOptions options, Outbox outbox, RateLimit bytes, ScanStatus status, Consumer<ChangeKey> changed) {
        this.options = options;
        this.outbox = outbox;
        this.bytes = bytes;
        this.status = status;
        this.changed = changed;
    }

    boolean isEmpty() {
        return empty;
    }

    /** Whether a key is one of them; it is read again then, later. */
    synchronized boolean again(ChangeKey key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return false;
        }
        entry.again = true;
        return true;
    }

    /**
     * Adds a key, unless it is one of them. Waits for room.
     *
     * @param page which it is of, null if it is read because it changed
     * @return false if it is; it is read again then, later
     */
    synchronized boolean add(ChangeKey key, ScanPage page) throws InterruptedException {
        if (again(key)) {
            return false;
        }
        while (entries.size() >= MOST_WAITING) {
            wait();
        }
        entries.put(key, new Entry(page));
        empty = false;
        notifyAll();
        return true;
    }

    /** What the thread does until it is interrupted. */
    void run(ScanLink link, ServerFacts facts) throws InterruptedException {
        WindowReader windows = new WindowReader(link, options, facts);
        while (true) {
            ChangeKey key = next();
            ScanPage page = page(key);
            long start = System.nanoTime();
            try {
                read(windows, facts, key, page);
            } catch (InterruptedReadingException e) {
                LOG.debug("A large value is not read to its end", e);
                throw new InterruptedException();
            }
            rest(key, start);
        }
    }

    private synchronized ChangeKey next() throws InterruptedException {
        while (true) {
            long now = System.nanoTime();
            long wait = LONGEST_WAIT_NANOS;
            Iterator<Map.Entry<ChangeKey, Entry>> all = entries.entrySet().iterator();
            while (all.hasNext()) {
                Map.Entry<ChangeKey, Entry> next = all.next();
                Entry entry = next.getValue();
                if (entry.waits) {
                    entry.waits = false;
                    return next.getKey();
                }
                if (entry.restsUntil - now > 0) {
                    wait = Math.min(wait, entry.restsUntil - now);
                } else {
                    all.remove();
                    empty = entries.isEmpty();
                    notifyAll();
                    if (entry.again) {
                        changed.accept(next.getKey());
                    }
                }
            }
            TimeUnit.NANOSECONDS.timedWait(this, wait);
        }
    }

    private synchronized ScanPage page(ChangeKey key) {
        return entries.get(key).page;
    }

    /** Where changes are not followed, it is not read again, and need not rest. */
    private synchronized void rest(ChangeKey key, long start) {
        long now = System.nanoTime();
        entries.get(key).restsUntil = options.mode().isLive() ? now + REST * (now - start) : now;
    }

    private void read(WindowReader windows, ServerFacts facts, ChangeKey key, ScanPage page)
            throws InterruptedException {
        int attempts = options.mode().isLive() ? 1 : MOST_ATTEMPTS;
        for (int attempt = 1; ; attempt++) {
            WindowReader.Head head = windows.begin(key);
            boolean isOther = options.type() != null && !options.type().equals(head.type()) && !head.isNone();
            if (head.isNone() || isOther) {
                boolean deleted = head.isNone() && page == null;
                outbox.put(List.of(new KeyState(key, null, deleted, page)));
                return;
            }
            try {
                PieceWriter pieces = new PieceWriter(
                        options.maxRecordBytes(),
                        key.key().length,
                        (number, last, elements, data) ->
                                hand(facts, key, head, new Piece(number, last, Piece.COMMANDS, elements, data), page));
                windows.read(key, head.type(), pieces.visitor());
                boolean whole = windows.end();
                if (whole || attempt == attempts) {
                    if (!whole && !options.mode().isLive()) {
                        status.torn();
                        LOG.warn(
                                "A value (key length {}, type {}) changed each of the {} times that it was read: what"
                                        + " is handed out may be of several moments",
                                key.key().length,
                                head.type(),
                                attempts);
                    }
                    pieces.finish();
                    return;
                }
            } catch (RedisCdcException e) {
                if (e.isRetriable() || windows.end()) {
                    throw e.category() == Category.UNSUPPORTED ? located(e, key, head) : e;
                }
                LOG.debug("A large value was removed or replaced while it was read", e);
            }
        }
    }

    private void hand(ServerFacts facts, ChangeKey key, WindowReader.Head head, Piece piece, ScanPage page) {
        State state =
                new State(head.type(), null, facts.flavour(), facts.rdbVersion(), head.expireAtMs(), null, null, piece);
        try {
            outbox.put(List.of(new KeyState(
                    new ChangeKey(key.db(), key.key(), piece.number()), state, false, piece.last() ? page : null)));
            if (page != null) {
                bytes.take(piece.data().length);
                Thread.sleep(bytes.waitMs());
            }
        } catch (InterruptedException e) {
            throw new InterruptedReadingException(e);
        }
    }

    private static RedisCdcException located(RedisCdcException e, ChangeKey key, WindowReader.Head head) {
        return new RedisCdcException(
                e.category(),
                "the value of a key (key length " + key.key().length + ", type " + head.type()
                        + ") cannot be read in windows: " + e.getMessage(),
                e);
    }
}
