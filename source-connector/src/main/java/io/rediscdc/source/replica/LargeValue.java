package io.rediscdc.source.replica;

import io.rediscdc.command.piece.PieceWriter;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import io.rediscdc.model.Piece;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a value that is too large for a record, piece by piece. It can be gigabytes that arrive for minutes, so that going
 * back to its begin whenever something has not arrived yet is out of the question: what decodes it has to be able to wait in
 * the middle. It does so on a thread of its own, which lives for this value only.
 *
 * <p>The two threads take turns: whoever asks for a piece waits until there is one, or until the other has found nothing in
 * time. So only one of them reads the spool at any time, and no more than a piece is between them.
 */
final class LargeValue implements Spool.Pause {

    private static final Logger LOG = LoggerFactory.getLogger(LargeValue.class);

    /** Ends the thread. */
    private static final class EndedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private EndedException() {
            super("nobody asks for more", null, false, false);
        }
    }

    private final RdbReader rdb;
    private final RdbItem.LargeKey key;
    private final PieceWriter pieces;
    private final Thread thread;

    // Guarded by this.
    private boolean readersTurn;
    private boolean ended;
    private Piece piece;
    private Throwable failure;

    /**
     * Reads nothing yet.
     *
     * @param key whose value comes next in the spool
     * @throws RedisCdcException UNSUPPORTED if the key is too long
     */
    LargeValue(Spool spool, RdbReader rdb, RdbItem.LargeKey key, int maxRecordBytes) {
        this.rdb = rdb;
        this.key = key;
        try {
            this.pieces = new PieceWriter(maxRecordBytes, key.key().length, this::hand);
        } catch (RedisCdcException e) {
            throw located(e);
        }
        this.thread = new Thread(this::read, "redis-cdc-value");
        thread.setDaemon(true);
        spool.straightOn(this);
    }

    RdbItem.LargeKey key() {
        return key;
    }

    /**
     * The next piece. Not to be called after the last one.
     *
     * @throws Spool.Stalled if it has not arrived whole; call it again
     * @throws RedisCdcException as {@link RdbReader#readLargeValue}, and UNSUPPORTED for an element that cannot be cut
     */
    synchronized Piece next() throws IOException {
        if (!ended && thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        readersTurn = !ended;
        notifyAll();
        try {
            while (readersTurn) {
                wait();
            }
        } catch (InterruptedException e) {
            // The other thread has the spool: it must not go on with it.
            end();
            Thread.currentThread().interrupt();
            throw new RedisCdcException(Category.CONNECTION, "interrupted while reading a large value", e);
        }
        if (failure != null) {
            throw rethrown();
        }
        Piece next = piece;
        piece = null;
        if (next == null) {
            throw new Spool.Stalled();
        }
        return next;
    }

    /** Nothing has arrived in time: the other thread's turn. */
    @Override
    public synchronized void await() {
        pass();
    }

    @Override
    public synchronized void end() {
        ended = true;
        notifyAll();
    }

    private synchronized void hand(int number, boolean last, long elements, byte[] data) {
        piece = new Piece(number, last, Piece.COMMANDS, elements, data);
        if (!last) {
            pass();
        }
    }

    private void pass() {
        readersTurn = false;
        notifyAll();
        boolean interrupted = false;
        while (!readersTurn && !ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (ended || interrupted) {
            throw new EndedException();
        }
    }

    private void read() {
        Throwable thrown = null;
        try {
            rdb.readLargeValue(key.type(), pieces.visitor());
            pieces.finish();
            tellLosses(pieces, key.key().length, key.type().typeName());
        } catch (EndedException e) {
            LOG.debug("A large value is not read to its end", e);
            thrown = new Spool.Stalled();
        } catch (IOException | RuntimeException | Error e) {
            thrown = e;
        }
        synchronized (this) {
            failure = thrown;
            ended = true;
            readersTurn = false;
            notifyAll();
        }
    }

    /** Logs what commands cannot say of a value. */
    static void tellLosses(PieceWriter pieces, int keyLength, String type) {
        Map<String, Long> losses = new TreeMap<>();
        pieces.losses().forEach((what, count) -> {
            if (!what.isBookkeeping()) {
                losses.put(what.text(), count);
            }
        });
        if (!losses.isEmpty()) {
            LOG.warn(
                    "A large value (key length {}, type {}) is replicated by commands, which cannot express some of it: {}",
                    keyLength,
                    type,
                    losses);
        }
    }

    private IOException rethrown() throws IOException {
        if (failure instanceof RedisCdcException e) {
            throw e.category() == Category.CONNECTION ? e : located(e);
        }
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        throw (RuntimeException) failure;
    }

    private RedisCdcException located(RedisCdcException e) {
        return new RedisCdcException(
                e.category(),
                "the value of a key (key length " + key.key().length + ", type "
                        + key.type().typeName() + ") cannot be sent in pieces: " + e.getMessage(),
                e);
    }
}
