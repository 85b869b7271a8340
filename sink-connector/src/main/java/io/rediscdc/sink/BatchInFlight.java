package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.sink.target.BatchReplies;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batch that has been sent and whose replies have not been looked at. Its bytes are kept until then, since it has to
 * be sent again where the connection was lost and the target did not apply it. Not thread-safe.
 */
final class BatchInFlight {

    private static final Logger log = LoggerFactory.getLogger(BatchInFlight.class);

    private static final String CHECKPOINT_GONE =
            "the checkpoint had been removed, and with it an unknown part of what the target held";

    private final CheckpointKey key;
    private final TargetSession session;
    private final CheckpointClaim claim;
    private final WriterErrors errors;
    private final WriterMetrics metrics;
    private final Repairs repairs;
    private final Divergences divergences;
    private final Omissions omissions;

    private final Consumer<Batch> beforeSending;

    private Batch batch;

    /** Whether the target, the last time, has said why it does not apply it. */
    private boolean refused;

    /** Whether it is to be made anew, without what the target does not know. */
    private boolean outdated;

    /** @param beforeSending gets a batch before it is sent again, and may leave something out of it */
    BatchInFlight(
            CheckpointKey key,
            TargetSession session,
            CheckpointClaim claim,
            WriterErrors errors,
            WriterMetrics metrics,
            Repairs repairs,
            Divergences divergences,
            Omissions omissions,
            Consumer<Batch> beforeSending) {
        this.beforeSending = beforeSending;
        this.key = key;
        this.session = session;
        this.claim = claim;
        this.errors = errors;
        this.metrics = metrics;
        this.repairs = repairs;
        this.divergences = divergences;
        this.omissions = omissions;
    }

    boolean isNone() {
        return batch == null;
    }

    /** The checkpoint that it brings. */
    Checkpoint checkpoint() {
        return batch.checkpoint();
    }

    void launch(Batch sealed) {
        batch = sealed;
        refused = false;
        outdated = false;
        session.send(batch);
    }

    /** Sends it once more, perhaps on a new connection, whose target is not known to have its databases. */
    void launchAgain() {
        beforeSending.accept(batch);
        omissions.awaitReports();
        session.checkDatabases(batch.databases());
        refused = false;
        if (session.mode() == DeliveryMode.AT_LEAST_ONCE) {
            log.warn(
                    "{}: sending a batch of {} records again; what the target has executed of it is executed twice",
                    key.partition(),
                    batch.records());
        }
        session.send(batch);
    }

    /** Whether not all of it is here, or what the target has executed of it would do harm if it were executed twice. */
    boolean cannotBeRepeated() {
        return batch.isStreamed() || (session.mode() == DeliveryMode.AT_LEAST_ONCE && batch.hasPieces());
    }

    /** Whether it ends with a command that was sent piece by piece. */
    boolean isStreamed() {
        return batch.isStreamed();
    }

    /** Whether nothing of it was applied, and it is to be made anew on the same connection. */
    boolean isOutdated() {
        return outdated;
    }

    boolean isRefused() {
        return refused;
    }

    /** {@link Batch#indivisible()}. */
    Delivery indivisible() {
        return batch.indivisible();
    }

    int bytes() {
        return batch.bytes();
    }

    /** It was applied; with which replies will never be known. */
    void applyUnseen(long offset) {
        String known =
                batch.isMarked() ? "the target noted no failure" : "if a command failed there, nobody has seen it";
        log.warn(
                "{}: the connection was lost after the target applied up to offset {}, but before it said with which"
                        + " replies: {}{}",
                key.partition(),
                offset,
                known,
                repairs.isOn() ? "; keys that may differ are asked of the source" : "");
        divergences.lookWithoutReplies(batch);
    }

    /** It is over, one way or the other. */
    Batch land() {
        Batch landed = batch;
        batch = null;
        session.settled();
        return landed;
    }

    /** Whether it is known by now that all went well; if not, {@link #settle} says what did not. Waits for replies. */
    boolean isApplied() {
        if (batch == null || !session.isAwaiting()) {
            return false;
        }
        try {
            BatchReplies received = session.await();
            if (!claim.isClean(received) || Batch.isMarkedInVain(received)) {
                return false;
            }
            divergences.look(batch, received);
            return true;
        } catch (RedisCdcException e) {
            log.debug("{}: replies are missing, the next put() deals with it", key.partition(), e);
            return false;
        }
    }

    /**
     * Looks at the replies.
     *
     * @return true if it has been applied; false if not yet: the checkpoint was written by somebody in between, so that
     *     nothing was applied and the connection has been given up, or it was sent again without what the target does not
     *     know, or {@link #isOutdated}
     * @throws RedisCdcException CONNECTION if the same can be tried again; else that the target refused something
     */
    boolean settle() {
        BatchReplies received;
        try {
            received = session.await();
        } catch (TargetSession.StillWaitingException e) {
            throw e;
        } catch (RedisCdcException e) {
            session.disconnect();
            throw e;
        }
        if (claim.isClean(received)) {
            if (Batch.isMarkedInVain(received)) {
                takeMarkBack();
            }
            divergences.look(batch, received);
            return true;
        }
        if (omissions.wantSecondTry(batch, received) && claim.isOurs(received)) {
            if (batch.isStreamed()) {
                omissions.learn(batch, received);
                outdated = true;
                return false;
            }
            omissions.leaveOut(batch, received);
            refused = true;
            try {
                noteOwed();
                launchAgain();
            } catch (RuntimeException e) {
                session.disconnect();
                throw e;
            }
            return false;
        }
        if (received.isCommitted() && received.errorCount() > 0) {
            if (claim.isHeld(received) && isAccountedFor(received)) {
                omissions.note(batch, received);
                divergences.look(batch, received);
                takeMarkBack();
                return true;
            }
            throw stuck(received);
        }
        if (received.slotsNow() != null) {
            try {
                launchAgain();
            } catch (RuntimeException e) {
                session.disconnect();
                throw e;
            }
            return false;
        }
        WriterId named = claim.writerIn(received);
        if (received.isCommitted() && named == null) {
            // What was lost with it is unknown, and a batch may have written it anew: nobody is to go on from there.
            note(CHECKPOINT_GONE);
            session.disconnect();
            throw errors.checkpointIsGone();
        }
        session.disconnect();
        if (received.isDiscarded()) {
            return false;
        }
        if (!received.isCommitted()) {
            refused = true;
            BatchReplies.ErrorReply error = received.errors().get(0);
            throw errors.refused(error, batch.culprit(error));
        }
        throw claim.takenOverBy(named);
    }

    /** Whether for all that failed there is something else to be done. */
    private boolean isAccountedFor(BatchReplies received) {
        return received.errors().size() == received.errorCount()
                && received.errors().stream().allMatch(error -> {
                    Delivery culprit = batch.culprit(error);
                    return divergences.canHeal(error, culprit) || omissions.cover(error, culprit);
                });
    }

    /** Before the checkpoint passes what they are owed for. */
    private void noteOwed() {
        if (repairs.hasNews()) {
            Batch note = session.newBatch();
            repairs.note(note);
            note.sealNotStuck();
            if (!write(note, false)) {
                throw errors.lostConnection("the keys to be asked of the source could not be noted", null);
            }
        }
    }

    /** All of it was executed, the checkpoint included, but for what failed. */
    private RedisCdcException stuck(BatchReplies received) {
        metrics.stuck();
        String failure =
                WriterErrors.failure(received, batch.culprit(received.errors().get(0)));
        return errors.failed(failure, note(failure) || batch.isMarked());
    }

    /** What the failed commands' keys are owed is noted in its place. */
    private void takeMarkBack() {
        if (!batch.isMarked()) {
            return;
        }
        Batch note = session.newBatch();
        repairs.note(note);
        note.sealNotStuck();
        if (!write(note, false)) {
            throw errors.lostConnection("the failures that it noted, and that do no harm, are still noted", null);
        }
    }

    private boolean note(String failure) {
        Batch note = session.newBatch();
        note.sealStuck(failure);
        return write(note, true);
    }

    /** Returns whether the checkpoint says now that it is stuck, or that it is not, as it should. */
    private boolean write(Batch note, boolean stuck) {
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                if (!session.isConnected()) {
                    session.connect();
                    Checkpoint found = session.watch();
                    if ((found.stuck() != null) == stuck || !found.writer().equals(claim.self())) {
                        session.disconnect();
                        return (found.stuck() != null) == stuck;
                    }
                }
                session.send(note);
                if (claim.isClean(session.await())) {
                    if (attempt > 0) {
                        session.disconnect(); // for one that is opened as the writer does it
                    }
                    return true;
                }
            } catch (RedisCdcException e) {
                log.warn("{}: could not note in the checkpoint whether it is stuck", key.partition(), e);
            }
            session.disconnect();
        }
        return false;
    }
}
