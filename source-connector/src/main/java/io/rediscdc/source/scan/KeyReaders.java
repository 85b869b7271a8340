package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that read the states of keys, each on a connection of its own. A key is always read by the same thread, so what is
 * read of it later is also handed out later.
 */
final class KeyReaders {

    private static final Logger LOG = LoggerFactory.getLogger(KeyReaders.class);
    private static final ChangeKey NO_KEY = new ChangeKey(0, new byte[0]);

    /**
     * Keys to be read together.
     *
     * @param page which they are of, null if they are read because they changed
     * @param asked whether somebody wants to know, whether they changed or not
     */
    private record Batch(int db, List<byte[]> keys, ScanPage page, boolean asked) {}

    private final ScanOptions options;
    private final Outbox outbox;
    private final LargeKeys large;
    private final RateLimit bytes;
    private final ScanStatus status;
    private final List<BlockingQueue<Batch>> queues = new ArrayList<>();
    private boolean toldOfLimit;

    KeyReaders(ScanOptions options, Outbox outbox, LargeKeys large, RateLimit bytes, ScanStatus status) {
        this.options = options;
        this.outbox = outbox;
        this.large = large;
        this.bytes = bytes;
        this.status = status;
        for (int i = 0; i < options.threads(); i++) {
            queues.add(new ArrayBlockingQueue<>(options.queue()));
        }
    }

    /**
     * Has keys of a database read. Waits for room.
     *
     * @param page which they are of, null if they are read because they changed
     */
    void read(int db, List<byte[]> keys, ScanPage page) throws InterruptedException {
        share(db, keys, page, false);
    }

    /** Has keys of a database read because somebody wants to know their states. Waits for room. */
    void answer(int db, List<byte[]> keys) throws InterruptedException {
        share(db, keys, null, true);
    }

    private void share(int db, List<byte[]> keys, ScanPage page, boolean asked) throws InterruptedException {
        List<List<byte[]>> shares = new ArrayList<>(queues.size());
        for (int i = 0; i < queues.size(); i++) {
            shares.add(new ArrayList<>());
        }
        for (byte[] key : keys) {
            int reader = Math.floorMod(31 * Arrays.hashCode(key) + db, queues.size());
            List<byte[]> share = shares.get(reader);
            share.add(key);
            if (share.size() == options.batch()) {
                queues.get(reader).put(new Batch(db, share, page, asked));
                shares.set(reader, new ArrayList<>());
            }
        }
        for (int i = 0; i < queues.size(); i++) {
            if (!shares.get(i).isEmpty()) {
                queues.get(i).put(new Batch(db, shares.get(i), page, asked));
            }
        }
    }

    /** Has all of them say that what they were given before is done. */
    void end(ScanPage last) throws InterruptedException {
        for (BlockingQueue<Batch> queue : queues) {
            queue.put(new Batch(0, List.of(), last, false));
        }
    }

    /** Whether a thread is without work, so that a page more would not make changed keys wait. */
    boolean hasRoom() {
        for (BlockingQueue<Batch> queue : queues) {
            if (queue.remainingCapacity() > queue.size()) {
                return true;
            }
        }
        return false;
    }

    int threads() {
        return queues.size();
    }

    /** What one of the threads does until it is interrupted. */
    void run(int reader, ScanLink link, ServerFacts facts) throws InterruptedException {
        ValueReader values = ValueReader.of(link, options, facts);
        while (true) {
            Batch batch = queues.get(reader).take();
            if (batch.keys().isEmpty()) {
                outbox.put(List.of(new KeyState(NO_KEY, null, false, batch.page())));
                continue;
            }
            Results results = new Results(batch);
            values.read(batch.db(), results.notHeld(), results);
            if (batch.page() != null) {
                bytes.take(results.bytes);
            }
            status.read(batch.keys().size());
            for (ChangeKey key : results.largeKeys) {
                if (!large.add(key, batch.page())) {
                    results.nothing(key.key());
                }
            }
            outbox.put(results.states);
        }
    }

    private void tellOfLimit(byte[] key, int db, long memory) {
        String what = "a key (key length " + key.length + ", database " + db + ") takes " + memory
                + " bytes of the server's memory, and mem.limit is "
                + options.memory().bytes();
        if (options.memory().fails()) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    what + "; raise it, or set mem.limit.policy=skip to leave such keys out, or leave them out by"
                            + " scan.match");
        }
        status.leftOut();
        synchronized (this) {
            if (toldOfLimit) {
                return;
            }
            toldOfLimit = true;
        }
        LOG.warn("{}; it is left out, and others like it (metric keys-left-out-total)", what);
    }

    /** Of one batch. */
    private final class Results implements ValueReader.Found {

        private final Batch batch;
        private final List<KeyState> states;
        private final List<ChangeKey> largeKeys = new ArrayList<>();

        /** Before it was read: the states are no older. */
        private final long askedMs;

        private long bytes;

        Results(Batch batch) {
            this.batch = batch;
            this.states = new ArrayList<>(batch.keys().size());
            this.askedMs = batch.asked() ? System.currentTimeMillis() : 0;
        }

        /** Keys that are being read in windows are read again when that has ended. */
        List<byte[]> notHeld() {
            if (large.isEmpty()) {
                return batch.keys();
            }
            List<byte[]> keys = new ArrayList<>(batch.keys().size());
            for (byte[] key : batch.keys()) {
                if (large.again(new ChangeKey(batch.db(), key))) {
                    nothing(key);
                } else {
                    keys.add(key);
                }
            }
            return keys;
        }

        @Override
        public void state(byte[] key, State state) {
            if (state != null && options.type() != null && !state.type().equals(options.type())) {
                nothing(key);
                return;
            }
            boolean deleted = state == null && batch.page() == null;
            KeyState found = new KeyState(new ChangeKey(batch.db(), key), state, deleted, batch.page(), askedMs);
            states.add(found);
            bytes += found.bytes();
        }

        @Override
        public void large(byte[] key) {
            if (options.compacted()) {
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "a value (key length " + key.length + ", database " + batch.db()
                                + ") does not fit into a record of max.record.bytes (" + options.maxRecordBytes()
                                + "), or DUMP is refused and it can be read in windows only: it would come in pieces, of which a compacted topic"
                                + " (topic.compacted) would keep those of values that are long gone. Raise it, or leave such"
                                + " keys out by mem.limit and mem.limit.policy=skip");
            }
            largeKeys.add(new ChangeKey(batch.db(), key));
        }

        @Override
        public void beyondLimit(byte[] key, long memory) {
            tellOfLimit(key, batch.db(), memory);
            nothing(key);
        }

        /** Who has it says how it is; what this node has of it is nothing, which is told if it may have changed. */
        @Override
        public void elsewhere(byte[] key) {
            if (batch.asked() || batch.page() != null) {
                nothing(key);
            } else {
                states.add(new KeyState(new ChangeKey(batch.db(), key), null, true, null));
            }
        }

        private void nothing(byte[] key) {
            if (batch.page() != null) {
                states.add(new KeyState(new ChangeKey(batch.db(), key), null, false, batch.page()));
            }
        }
    }
}
