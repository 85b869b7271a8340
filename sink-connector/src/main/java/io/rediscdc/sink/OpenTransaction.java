package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds the members of a source's transaction back until the last one is there: they are applied in one EXEC or not at
 * all, and can be spread over several polls. A command that comes in pieces is one record from here on. Not thread-safe.
 */
final class OpenTransaction {

    private final long maxBytes;
    private final OpenCommand command;
    private List<Delivery> members = new ArrayList<>();
    private long bytes;

    /**
     * @param maxBytes what a transaction may take in memory
     * @param streams whether a command that takes more can be streamed
     */
    OpenTransaction(long maxBytes, boolean streams) {
        this.maxBytes = maxBytes;
        this.command = new OpenCommand(maxBytes, streams);
    }

    /**
     * Adds what comes next.
     *
     * @return what can be applied now, together: the record itself outside a transaction, all members with the last
     *     one, nothing before, and nothing for a piece of a command but the last, nor of one that is streamed
     * @throws RedisCdcException GAP if a transaction's end is missing, UNSUPPORTED if it is too large
     */
    List<Delivery> add(Delivery next) {
        Delivery delivery = command.add(next, bytes);
        return delivery == null ? List.of() : addWhole(delivery);
    }

    private List<Delivery> addWhole(Delivery delivery) {
        Command executed = delivery.change().command();
        Command.Transaction tx = executed == null ? null : executed.tx();
        if (delivery.change().op() == Op.SNAPSHOT_BEGIN) {
            // The source could not go on from where it was: the new snapshot has what this transaction did.
            clearMembers();
        }
        if (!members.isEmpty()) {
            checkContinues(delivery, tx);
        }
        if (tx == null || (members.isEmpty() && tx.last())) {
            return List.of(delivery);
        }
        for (byte[] arg : executed.args()) {
            bytes += arg.length;
        }
        if (bytes > maxBytes) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "the transaction that begins at " + first().place() + " is larger than " + maxBytes
                            + " bytes at " + delivery.place()
                            + ", and is not applied by halves; raise transaction.max.bytes and the worker's heap");
        }
        members.add(delivery);
        if (!tx.last()) {
            return List.of();
        }
        List<Delivery> whole = members;
        clearMembers();
        return whole;
    }

    /** The command of which pieces have come. */
    OpenCommand command() {
        return command;
    }

    boolean isEmpty() {
        return members.isEmpty() && command.isEmpty();
    }

    void clear() {
        command.clear();
        clearMembers();
    }

    private void clearMembers() {
        members = new ArrayList<>();
        bytes = 0;
    }

    private Delivery first() {
        return members.get(0);
    }

    private void checkContinues(Delivery delivery, Command.Transaction tx) {
        if (tx == null || tx.id() != first().change().command().tx().id()) {
            throw new RedisCdcException(
                    Category.GAP,
                    "the transaction that begins at " + first().place() + " has no end before " + delivery.place()
                            + ", which is none of its members; let the source make a new snapshot, then " + Rewind.HOW);
        }
    }
}
