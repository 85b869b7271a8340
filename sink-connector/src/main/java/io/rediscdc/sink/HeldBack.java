package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Piece;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Records of other shards that come while a command of one has the connection for itself: they are taken when it has been
 * applied. Not thread-safe.
 */
final class HeldBack {

    private final long maxBytes;
    private final Deque<Delivery> records = new ArrayDeque<>();
    private long bytes;

    /** @param maxBytes what they may take in memory */
    HeldBack(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Adds one.
     *
     * @param during record of the first piece of the command that they wait for
     * @throws RedisCdcException UNSUPPORTED if they are too large
     */
    void add(Delivery delivery, Delivery during) {
        bytes += size(delivery.change());
        if (bytes > maxBytes) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "while the command whose pieces begin at " + during.place() + " came, records of other shards came"
                            + " too, which have more than " + maxBytes + " bytes at " + delivery.place()
                            + "; raise transaction.max.bytes and the worker's heap");
        }
        records.add(delivery);
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    Delivery first() {
        return records.element();
    }

    void removeFirst() {
        bytes -= size(records.remove().change());
    }

    void clear() {
        records.clear();
        bytes = 0;
    }

    private static long size(Change change) {
        long size = change.key().key().length;
        if (change.command() != null) {
            size += size(change.command().piece());
            for (byte[] arg : change.command().args()) {
                size += arg.length;
            }
        } else if (change.state() != null) {
            size += size(change.state().piece());
            size += change.state().dump() == null ? 0 : change.state().dump().length;
        }
        return size;
    }

    private static long size(Piece piece) {
        return piece == null ? 0 : piece.data().length;
    }
}
