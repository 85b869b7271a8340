package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import io.rediscdc.sink.target.TargetError;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the target cannot hold or does not know, and what is done about it ({@link UnsupportedPolicy}). Some is known while a
 * record is encoded; of the rest the target itself complains. Not thread-safe.
 */
final class Omissions {

    private static final Logger log = LoggerFactory.getLogger(Omissions.class);
    private static final long WARN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final TopicPartition partition;
    private final String address;
    private final UnsupportedPolicy policy;
    private final DeadLetters letters;
    private final Divergences divergences;
    private final WriterMetrics metrics;

    /** Commands that this target does not know, in lower case. */
    private final Set<String> unknown = new HashSet<>();

    /** What was left out of the record that is being encoded. */
    private final Set<String> omitted = new LinkedHashSet<>();

    private long unsaid;
    private long saidAt = System.nanoTime() - WARN_NANOS;

    /** @param letters of policy DLQ */
    Omissions(
            TopicPartition partition,
            String address,
            UnsupportedPolicy policy,
            DeadLetters letters,
            Divergences divergences,
            WriterMetrics metrics) {
        this.partition = partition;
        this.address = address;
        this.policy = policy;
        this.letters = letters;
        this.divergences = divergences;
        this.metrics = metrics;
    }

    /** Another target may know more. */
    void reconnected() {
        unknown.clear();
    }

    /**
     * Something is left out of the state that is being encoded.
     *
     * @throws RedisCdcException UNSUPPORTED if it must not be
     */
    void omit(String what) {
        if (policy == UnsupportedPolicy.FAIL || policy == UnsupportedPolicy.REREAD) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    address + " cannot hold this key as it is (" + what
                            + "). Upgrade the target, or leave out what it cannot hold: "
                            + SinkConfig.UNSUPPORTED_POLICY + "=drop or dlq");
        }
        omitted.add(what);
    }

    /** Whether a command is not to be encoded: this target has said that it does not know it. */
    boolean leavesOut(Command command) {
        if (!isUnknown(command)) {
            return false;
        }
        omitted.add("command " + name(command));
        return true;
    }

    /** Whether this target has said that it does not know a command. */
    boolean isUnknown(Command command) {
        return !unknown.isEmpty() && unknown.contains(name(command));
    }

    /** Remembers a command that the target has said not to know, for when it comes again. */
    void learn(Batch batch, BatchReplies received) {
        received.errors().stream()
                .filter(error -> TargetError.isUnknownCommand(error.text()))
                .map(error -> batch.culprit(error).change().command())
                .forEach(command -> unknown.add(name(command)));
    }

    /** The record has been encoded. */
    void settle(Delivery delivery) {
        if (!omitted.isEmpty()) {
            note(delivery, String.join(", ", omitted));
            omitted.clear();
        }
    }

    /** Whether a batch can be applied if the target gets it again without what it complains of. */
    boolean wantSecondTry(Batch batch, BatchReplies received) {
        boolean aborted = false;
        for (ErrorReply error : received.errors()) {
            if (TargetError.isAbort(error.text())) {
                aborted = true;
            } else if (!cover(error, batch.culprit(error))) {
                return false;
            }
        }
        return aborted && received.errorCount() > 1;
    }

    /** Whether a command may fail in this way. */
    boolean cover(ErrorReply error, Delivery culprit) {
        return policy != UnsupportedPolicy.FAIL
                && culprit != null
                && isUnsupported(error, culprit.change().command())
                && (policy != UnsupportedPolicy.REREAD || culprit.change().op() == Op.COMMAND);
    }

    /** Takes out of a batch what the target complains of. */
    void leaveOut(Batch batch, BatchReplies received) {
        BitSet commands = new BitSet();
        for (ErrorReply error : received.errors()) {
            if (!TargetError.isAbort(error.text())) {
                commands.set(batch.command(error));
            }
        }
        note(batch, received);
        batch.leaveOut(commands);
    }

    /** Notes what of a batch was not executed. */
    void note(Batch batch, BatchReplies received) {
        long last = -1;
        for (ErrorReply error : received.errors()) {
            Delivery culprit = batch.culprit(error);
            if (!cover(error, culprit)) {
                continue;
            }
            if (TargetError.isUnknownCommand(error.text()) && culprit.change().command() != null) {
                unknown.add(name(culprit.change().command()));
            }
            if (culprit.offset() != last) {
                note(culprit, TargetError.brief(error.text()));
                last = culprit.offset();
            }
        }
    }

    /**
     * Nothing is sent before what is left out of it has been reported.
     *
     * @throws RedisCdcException CONNECTION if the dead letter queue does not take it
     */
    void awaitReports() {
        if (letters != null) {
            letters.await();
        }
    }

    private void note(Delivery delivery, String what) {
        metrics.omitted();
        if (policy == UnsupportedPolicy.DLQ) {
            letters.report(
                    delivery, new RedisCdcException(Category.UNSUPPORTED, address + " cannot take all of it: " + what));
        } else if (policy == UnsupportedPolicy.REREAD) {
            divergences.foundKeysOf(delivery.change());
        }
        unsaid++;
        if (System.nanoTime() - saidAt >= WARN_NANOS) {
            log.warn(
                    "{}: {} records had something that {} cannot take; {}. The last one: {}, {}",
                    partition,
                    unsaid,
                    address,
                    switch (policy) {
                        case DLQ -> "it was left out, and the records are in the dead letter queue";
                        case REREAD -> "their keys' states are asked of the source";
                        case DROP, FAIL -> "it was left out";
                    },
                    delivery.place(),
                    what);
            unsaid = 0;
            saidAt = System.nanoTime();
        }
    }

    private static boolean isUnsupported(ErrorReply error, Command command) {
        return command == null
                ? TargetError.isUnsupported(error.text())
                : TargetError.isUnsupported(error.text(), name(command));
    }

    private static String name(Command command) {
        return new String(command.args()[0], StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }
}
