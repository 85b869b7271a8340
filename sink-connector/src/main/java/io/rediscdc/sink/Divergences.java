package io.rediscdc.sink;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandTable;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.expiry.Losses;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.sink.target.TargetError;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds keys that are not at the target as the history has them: by what the target replies, and by looking. Each is counted, and
 * owed ({@link Repairs}). Not thread-safe.
 */
final class Divergences {

    private static final Logger log = LoggerFactory.getLogger(Divergences.class);
    private static final long WARN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final CheckpointKey key;
    private final Repairs repairs;
    private final Expiry expiry;
    private final Losses losses;
    private final WriterMetrics metrics;
    private long unsaid;
    private long saidAt = System.nanoTime() - WARN_NANOS;

    Divergences(CheckpointKey key, Repairs repairs, Expiry expiry, Losses losses, WriterMetrics metrics) {
        this.key = key;
        this.repairs = repairs;
        this.expiry = expiry;
        this.losses = losses;
        this.metrics = metrics;
    }

    /** Whether the source can be asked, rather than only counted. */
    boolean areRepaired() {
        return repairs.isOn();
    }

    /** A key was found to differ, or is going to. */
    void found(ChangeKey found) {
        metrics.diverged();
        unsaid++;
        repairs.owe(found);
    }

    /** The keys of a command are not as it would have left them. */
    void foundKeysOf(Change change) {
        for (int index : change.command().keys()) {
            found(new ChangeKey(change.key().db(), change.command().args()[index]));
        }
    }

    /** Whether it matters what keys a change goes on from: the target may have let them go. */
    boolean areSuspected() {
        return repairs.isOn() && expiry.isRisky();
    }

    /** Before commands are sent: looks whether the keys that they go on from are there, unless the target has let none go. */
    void examine(TargetConnection target, Suspects suspects) {
        if (!suspects.isEmpty() && !losses.areRuledOut()) {
            Collection<ChangeKey> keys = suspects.keys();
            suspects.clear();
            if (!keys.isEmpty()) {
                target.reader().missing(keys).forEach(this::found);
            }
        }
    }

    /** Whether a batch is to end with the question how many keys the target has let go. */
    boolean areLossesAsked() {
        return repairs.isOn() && losses.areCounted() && (losses.areRuledOut() || !expiry.isBehind());
    }

    /** A batch has been executed whose keys were not looked for: if some have gone by now, each of them may be one. */
    private void lookForLosses(Suspects suspects) {
        if (!suspects.isEmpty() && !losses.areRuledOut()) {
            suspects.keys().forEach(this::found);
            suspects.clear();
        }
    }

    /** Whether an error is of a command that failed for what its keys hold. */
    boolean canHeal(ErrorReply error, Delivery culprit) {
        return repairs.isOn()
                && error.element() >= 0
                && culprit != null
                && culprit.change().op() == Op.COMMAND
                && CommandTable.standard()
                                .spec(culprit.change().command().args())
                                .kind()
                        == CommandKind.WRITE
                && !TargetError.isPassing(error.text());
    }

    /** Looks at what the replies to a batch tell about its keys. */
    void look(Batch batch, BatchReplies received) {
        String stats = FrameQuestion.STATS.answerIn(received);
        if (stats != null) {
            losses.executed(stats, expiry.isAtRest());
        }
        lookForLosses(batch.suspects());
        batch.toldOtherwise(received).forEach(told -> foundKeysOf(told.change()));
        for (ErrorReply error : received.errors()) {
            Delivery culprit = batch.culprit(error);
            if (canHeal(error, culprit)) {
                foundKeysOf(culprit.change());
            }
        }
        if (unsaid > 0 && System.nanoTime() - saidAt > WARN_NANOS) {
            say(received);
        }
    }

    /**
     * Does so with a batch whose replies will never be known: if the target noted no failure, a renewal can still have met
     * no key.
     */
    void lookWithoutReplies(Batch batch) {
        lookForLosses(batch.suspects());
        if (repairs.isOn()) {
            (batch.isMarked() ? batch.telling().map(Delivery::change) : batch.commands()).forEach(this::foundKeysOf);
        }
    }

    private void say(BatchReplies received) {
        String example = received.errors().isEmpty()
                ? "an expired one is renewed, or one is gone on with that is not there"
                : TargetError.brief(received.errors().get(0).text());
        log.warn(
                "{}: {} keys at the target may not be as the history has them ({}). {}",
                key.partition(),
                unsaid,
                example,
                repairs.isOn()
                        ? "Their states are asked of the source"
                        : "With repair.bootstrap.servers they would be asked of the source");
        unsaid = 0;
        saidAt = System.nanoTime();
    }
}
