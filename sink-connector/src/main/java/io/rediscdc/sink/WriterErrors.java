package io.rediscdc.sink;

import io.rediscdc.command.CommandName;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import io.rediscdc.sink.target.TargetError;
import java.util.List;

/** What a writer says when it cannot go on: which record or key, at which target, and what to do. */
final class WriterErrors {

    private final CheckpointKey key;
    private final DeliveryMode mode;
    private final String address;

    WriterErrors(CheckpointKey key, DeliveryMode mode, String address) {
        this.key = key;
        this.mode = mode;
        this.address = address;
    }

    RedisCdcException flushInTransaction(Delivery flush) {
        return new RedisCdcException(
                Category.UNSUPPORTED,
                commandName(flush) + " at " + flush.place()
                        + " ran within a transaction of a cluster's node, where it cannot"
                        + " be applied to the keys of that node alone; let the source make a new snapshot, then "
                        + Rewind.HOW);
    }

    RedisCdcException lostConnection(String why, Exception cause) {
        return new RedisCdcException(
                Category.CONNECTION,
                "lost the connection to " + address + " while writing " + key.partition() + ": " + why,
                cause);
    }

    RedisCdcException noDatabase(int db) {
        return new RedisCdcException(
                Category.CONFIG,
                address + " has no database " + db + ", to which changes of " + key.partition()
                        + " belong; raise `databases` in its configuration");
    }

    RedisCdcException checkpointIsNoHash(Exception cause) {
        return new RedisCdcException(
                Category.CONFIG,
                "the checkpoint " + key + " at " + address
                        + " is no hash: somebody else uses this key; remove it, or give this connector another flow",
                cause);
    }

    RedisCdcException checkpointIsGone() {
        return new RedisCdcException(
                Category.TARGET_REJECTED,
                "the checkpoint " + key + " at " + address
                        + " is gone: the target was flushed, swapped or replaced. What it holds is unknown; to fill it"
                        + " anew, " + Rewind.HOW);
    }

    RedisCdcException contested(int claims) {
        return new RedisCdcException(
                Category.CONNECTION,
                "the checkpoint " + key + " at " + address + " changed " + claims
                        + " times while it was being claimed; is another connector with the same flow running?");
    }

    RedisCdcException takenOver(String writer, WriterId self) {
        return new RedisCdcException(
                Category.TARGET_REJECTED,
                "another writer owns this flow: the checkpoint " + key + " at " + address + " was written by " + writer
                        + " and not by " + self + "; stop the other connector, or give one of the two another flow");
    }

    /** The batch's checkpoint was not written. {@code culprit} is null where the command is the writer's own. */
    RedisCdcException refused(ErrorReply error, Delivery culprit) {
        String what = culprit == null
                ? "what the writer of " + key.partition() + " itself needs"
                : commandName(culprit) + " of the record at " + culprit.place();
        String message = address + " refused " + what + " (" + TargetError.brief(error.text()) + "); "
                + mode.whatARefusalLeaves();
        return TargetError.isPassing(error.text())
                ? new RedisCdcException(Category.CONNECTION, message)
                : new RedisCdcException(
                        Category.TARGET_REJECTED,
                        message + "; permit or provide the command there"
                                + (TargetError.isUnsupported(error.text())
                                        ? ", or leave out what the target does not know ("
                                                + SinkConfig.UNSUPPORTED_POLICY + ")"
                                        : "")
                                + ", and restart the task");
    }

    /** What is written into the checkpoint where all of a batch was executed but for what failed. */
    static String failure(BatchReplies received, Delivery culprit) {
        String what = culprit == null
                ? "a command of the writer's own"
                : commandName(culprit) + " at " + culprit.place() + ", position "
                        + culprit.change().stamp().position();
        return what + ": " + TargetError.brief(received.errors().get(0).text())
                + (received.errorCount() == 1
                        ? ""
                        : "; and " + (received.errorCount() - 1) + " more in the same batch");
    }

    /** For the target to say where replies are not seen: how many failed stands before it. */
    static String unseenFailure(List<Delivery> deliveries) {
        return " of the commands for the records from " + deliveries.get(0).place() + " to "
                + deliveries.get(deliveries.size() - 1).place()
                + " failed, and the connection was lost before it was said which and why";
    }

    /** {@code first} is a record, or the first one of a transaction. */
    RedisCdcException hungUp(int times, Delivery first, long bytes) {
        return new RedisCdcException(
                Category.TARGET_REJECTED,
                address + " closed the connection " + times + " times in a row when " + bytes + " bytes for "
                        + commandName(first) + " of the record at " + first.place()
                        + (first.change().command() != null
                                        && first.change().command().tx() != null
                                ? " and the others of its transaction"
                                : "")
                        + " were sent, and did not apply it. Look for the reason in its log (its proto-max-bulk-len,"
                        + " client-query-buffer-limit or maxmemory-clients may be too small), then restart the task");
    }

    RedisCdcException failed(String failure, boolean noted) {
        String marked = noted ? "" : " (and it could not be noted in the checkpoint: a restart would skip it)";
        return new RedisCdcException(
                Category.TARGET_REJECTED, address + " failed to execute " + failure + marked + ". " + wayOut());
    }

    RedisCdcException stuck(String failure) {
        return new RedisCdcException(
                Category.TARGET_REJECTED,
                key.partition() + " is stuck: the target refused a change earlier (" + failure + "). " + wayOut());
    }

    private String wayOut() {
        return "Repair the key at the target, or accept the difference; then run HDEL " + key + " " + Checkpoint.STUCK
                + " there (database 0) and restart the task: it continues after this change";
    }

    private static String commandName(Delivery delivery) {
        return switch (delivery.change().op()) {
            case SET -> "the state of a key";
            case DEL -> "the deletion of a key";
            default ->
                delivery.change().command() == null
                        ? delivery.change().op().text()
                        : delivery.change().command().args().length == 0
                                ? "a large command"
                                : CommandName.of(delivery.change().command().args());
        };
    }
}
