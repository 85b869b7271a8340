package io.rediscdc.sink;

import io.rediscdc.sink.target.BatchReplies;

/**
 * Writes at the target that bring no change of the history. Each is a batch with the checkpoint as it stands, so that a
 * writer who was replaced writes nothing. Only while no other batch is under way. Not thread-safe.
 */
final class SideWrite {

    private final TargetSession session;
    private final CheckpointClaim claim;
    private final WriterErrors errors;

    SideWrite(TargetSession session, CheckpointClaim claim, WriterErrors errors) {
        this.session = session;
        this.claim = claim;
        this.errors = errors;
    }

    /** An empty one. */
    Batch batch() {
        return session.newBatch();
    }

    /**
     * Sends one and waits for the replies.
     *
     * @param durable the checkpoint as it stands
     * @throws io.rediscdc.error.RedisCdcException CONNECTION: the connection has been given up, whether it was executed is
     *     unknown; TARGET_REJECTED
     */
    void run(Batch batch, Checkpoint durable) {
        send(batch, durable);
        try {
            settle();
        } catch (TargetSession.StillWaitingException e) {
            session.disconnect();
            throw e;
        }
    }

    /**
     * Sends one. {@link #settle} is to follow.
     *
     * @param durable the checkpoint as it stands
     */
    void send(Batch batch, Checkpoint durable) {
        batch.seal(durable, System.currentTimeMillis());
        session.send(batch);
    }

    /**
     * Looks at the replies to what was sent.
     *
     * @throws io.rediscdc.error.RedisCdcException CONNECTION if they are still to come, or will not: then the connection
     *     has been given up; TARGET_REJECTED
     */
    void settle() {
        BatchReplies received;
        try {
            received = session.await();
        } catch (TargetSession.StillWaitingException e) {
            throw e;
        } catch (RuntimeException e) {
            session.disconnect();
            throw e;
        }
        if (!claim.isClean(received)) {
            session.disconnect();
            throw received.errorCount() > 0
                    ? errors.refused(received.errors().get(0), null)
                    : errors.lostConnection("the checkpoint was written by somebody else", null);
        }
        session.settled();
    }
}
