package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import io.rediscdc.sink.target.TargetConnection;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keys that the target has before the flow's first snapshot brings them: somebody else wrote them, since a flow that has
 * applied nothing but a part of that snapshot has written each of its keys once ({@link ExistsPolicy}). Before a batch with
 * states of it is sent, the target is asked which of the keys it has. Not thread-safe.
 */
final class ExistingKeys {

    private record State(Delivery delivery, BitSet commands) {}

    private final ExistsPolicy policy;
    private final String address;
    private final WriterMetrics metrics;
    private final Map<ChangeKey, State> unasked = new LinkedHashMap<>();

    ExistingKeys(ExistsPolicy policy, String address, WriterMetrics metrics) {
        this.policy = policy;
        this.address = address;
        this.metrics = metrics;
    }

    /** Whether anybody wants to know. */
    boolean matter() {
        return policy != ExistsPolicy.REPLACE;
    }

    /**
     * A record is about to be taken while the first snapshot is open.
     *
     * @throws RedisCdcException CONFIG if a second one begins: which keys are whose cannot be told any more
     */
    void check(Delivery next) {
        if (next.change().op() == Op.SNAPSHOT_BEGIN) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the flow's first snapshot broke off, and at " + next.place()
                            + " another one begins: which of its keys the target had before cannot be told any more, as "
                            + SinkConfig.EXISTS_POLICY + "=" + policy.text()
                            + " asks. Empty the target of what the flow wrote and "
                            + Rewind.HOW + ", or set " + SinkConfig.EXISTS_POLICY + "=replace");
        }
    }

    /** A record of the first snapshot has been added to a batch. */
    void see(Delivery delivery, Batch batch) {
        if (delivery.change().op() != Op.SET) {
            return;
        }
        Piece piece = delivery.change().state().piece();
        if (piece == null) {
            unasked.put(delivery.change().key(), new State(delivery, batch.lastCommands()));
        } else if (piece.last()) {
            // Until here it is a key of our own, and its removal is the last command.
            BitSet commands = batch.lastCommands();
            commands.clear(commands.length() - 1);
            unasked.put(delivery.change().key().whole(), new State(delivery, commands));
        }
    }

    /** What has been seen is not sent. */
    void clear() {
        unasked.clear();
    }

    /**
     * Asks for what has been seen, and takes out of the batch what the target has.
     *
     * @throws RedisCdcException CONFIG if that is a reason to stop, CONNECTION
     */
    void examine(TargetConnection target, Batch batch) {
        if (unasked.isEmpty()) {
            return;
        }
        List<ChangeKey> missing = target.reader().missing(unasked.keySet());
        missing.forEach(unasked::remove);
        if (!unasked.isEmpty() && policy == ExistsPolicy.FAIL) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    address + " had " + unasked.size()
                            + " keys of the snapshot already, the first of them that of the record at "
                            + unasked.values().iterator().next().delivery().place()
                            + "; nothing of its batch has been applied."
                            + " Remove them there, or set " + SinkConfig.EXISTS_POLICY + " to replace or skip");
        }
        BitSet commands = new BitSet();
        unasked.values().forEach(state -> commands.or(state.commands()));
        batch.leaveOut(commands);
        metrics.keptExisting(unasked.size());
        unasked.clear();
    }
}
