package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.sink.target.BatchReplies;
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
    private final ChangeEncoder encoder;
    private final WriterErrors errors;
    private final WriterMetrics metrics;

    private Batch batch;

    BatchInFlight(
            CheckpointKey key,
            TargetSession session,
            CheckpointClaim claim,
            ChangeEncoder encoder,
            WriterErrors errors,
            WriterMetrics metrics) {
        this.key = key;
        this.session = session;
        this.claim = claim;
        this.encoder = encoder;
        this.errors = errors;
        this.metrics = metrics;
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
        session.send(batch);
    }

    /** Sends it on a new connection, whose target is not known to have its databases. */
    void launchAgain() {
        session.checkDatabases(batch.databases());
        if (session.mode() == DeliveryMode.AT_LEAST_ONCE) {
            log.warn(
                    "{}: sending a batch of {} records again; what the target has executed of it is executed twice",
                    key.partition(),
                    batch.records());
        }
        session.send(batch);
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
            return claim.isClean(session.await());
        } catch (RedisCdcException e) {
            log.debug("{}: replies are missing, the next put() deals with it", key.partition(), e);
            return false;
        }
    }

    /**
     * Looks at the replies.
     *
     * @return true if it has been applied; false if the checkpoint was written by somebody in between, so that nothing
     *     was applied and the connection has been given up
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
            return true;
        }
        if (received.isCommitted() && received.errorCount() > 0) {
            throw stuck(received);
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
            BatchReplies.ErrorReply error = received.errors().get(0);
            throw errors.refused(error, batch.culprit(error));
        }
        throw claim.takenOverBy(named);
    }

    /** All of it was executed, the checkpoint included, but for what failed. */
    private RedisCdcException stuck(BatchReplies received) {
        metrics.stuck();
        String failure =
                WriterErrors.failure(received, batch.culprit(received.errors().get(0)));
        return errors.failed(failure, note(failure));
    }

    private boolean note(String failure) {
        Batch note = session.newBatch();
        note.sealStuck(encoder, failure);
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                if (!session.isConnected()) {
                    session.connect();
                    Checkpoint found = session.watch();
                    if (found.stuck() != null || !found.writer().equals(claim.self())) {
                        return found.stuck() != null;
                    }
                }
                session.send(note);
                if (claim.isClean(session.await())) {
                    return true;
                }
            } catch (RedisCdcException e) {
                log.warn("{}: could not note in the checkpoint that it is stuck", key.partition(), e);
            }
            session.disconnect();
        }
        return false;
    }
}
