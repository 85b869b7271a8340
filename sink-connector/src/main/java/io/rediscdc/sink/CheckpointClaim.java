package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.sink.target.BatchReplies;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A writer's hold on the checkpoint: who has claimed it last may write, and from then on whoever wrote it before cannot
 * any more. Not thread-safe.
 */
final class CheckpointClaim {

    private static final Logger log = LoggerFactory.getLogger(CheckpointClaim.class);
    private static final int MAX_CLAIMS = 5;

    private final CheckpointKey key;
    private final TargetSession session;
    private final WriterErrors errors;

    private final boolean isGiven;
    private WriterId self = WriterId.NOBODY;

    CheckpointClaim(CheckpointKey key, TargetSession session, WriterErrors errors) {
        this(key, session, errors, null);
    }

    /** @param share that was claimed before; null to claim by this */
    CheckpointClaim(CheckpointKey key, TargetSession session, WriterErrors errors, SlotShare share) {
        this.key = key;
        this.session = session;
        this.errors = errors;
        this.isGiven = share != null;
        if (isGiven) {
            self = share.writer();
        }
    }

    /** As whom this writer has claimed the checkpoint last, {@link WriterId#NOBODY} if never. */
    WriterId self() {
        return self;
    }

    /**
     * Makes the checkpoint ours.
     *
     * @param first what was just read with {@link TargetSession#watch}
     * @return what it says now
     * @throws RedisCdcException CONNECTION if others are faster again and again; TARGET_REJECTED if it is stuck
     */
    Checkpoint take(Checkpoint first) {
        if (isGiven) {
            checkStillOurs(first);
            return first;
        }
        Checkpoint found = first;
        for (int i = 0; i < MAX_CLAIMS; i++) {
            Checkpoint claimed = known(found).by(found.writer().successor());
            if (write(claimed, session.newBatch())) {
                return claimed;
            }
            found = session.watch();
            refuseIfStuck(found);
        }
        throw errors.contested(MAX_CLAIMS);
    }

    /**
     * Opens a new generation, which begins at that offset. Whoever writes the flow cannot any more; what it was stuck at is
     * forgotten.
     */
    void rewind(long offset) {
        for (int i = 0; i < MAX_CLAIMS; i++) {
            Checkpoint found = session.watch();
            Batch batch = session.newBatch();
            batch.removeCheckpoint();
            if (write(known(found).rewoundTo(offset).by(found.writer().successor()), batch)) {
                return;
            }
        }
        throw errors.contested(MAX_CLAIMS);
    }

    /**
     * Of a share of a cluster: that what was claimed is still there.
     *
     * @throws ReclaimException if it was lost; TARGET_REJECTED if somebody else has it
     */
    void checkStillOurs(Checkpoint found) {
        if (isGiven && found.writer().term() < self.term()) {
            throw new ReclaimException(key.partition() + ": the checkpoint " + key
                    + " is no longer what was claimed; looking who has which slots");
        }
        if (isGiven && !found.writer().equals(self)) {
            throw takenOverBy(found.writer());
        }
    }

    /** With what only the first writer can find out. */
    private Checkpoint known(Checkpoint found) {
        return found.isMissing() ? found.ownedBy(isOurs()) : found;
    }

    private boolean isOurs() {
        TargetKeyspace keyspace = new TargetKeyspace(session.connection());
        return keyspace.isEmpty(key) || keyspace.wasEmptyForOtherPartition(key);
    }

    /** Returns false if another writer was faster. */
    private boolean write(Checkpoint checkpoint, Batch batch) {
        batch.seal(checkpoint, System.currentTimeMillis());
        session.send(batch);
        BatchReplies received = session.await();
        session.settled();
        if (received.errorCount() > 0) {
            throw errors.refused(received.errors().get(0), null);
        }
        WriterId named = writerIn(received);
        // Before the first claim there is nobody to be named.
        boolean ours = received.isCommitted()
                && session.mode().isHeldBy(checkpoint.writer(), named == null ? WriterId.NOBODY : named);
        if (ours) {
            self = checkpoint.writer();
        }
        return ours;
    }

    /** @throws RedisCdcException TARGET_REJECTED if somebody has to look at the target first */
    void refuseIfStuck(Checkpoint found) {
        if (found.stuck() != null) {
            throw errors.stuck(found.stuck());
        }
    }

    /** Whether a batch was executed without an error, and nobody has taken the checkpoint since. */
    boolean isClean(BatchReplies received) {
        return received.errorCount() == 0 && isHeld(received);
    }

    /** Whether a batch was executed, and nobody has taken the checkpoint since. */
    boolean isHeld(BatchReplies received) {
        return received.isCommitted() && isOurs(received);
    }

    /** Whether nobody has taken the checkpoint, whatever became of the batch. */
    boolean isOurs(BatchReplies received) {
        WriterId named = writerIn(received);
        if (named == null || !session.mode().isHeldBy(self, named)) {
            return false;
        }
        if (!named.equals(self)) {
            log.warn(
                    "{}: {}, an earlier writer, wrote after we had taken over; what it wrote has been applied twice",
                    key.partition(),
                    named);
        }
        return true;
    }

    RedisCdcException takenOverBy(WriterId writer) {
        return errors.takenOver(writer.toString(), self);
    }

    /** The writer that a batch's replies name, null if there was no checkpoint. */
    WriterId writerIn(BatchReplies received) {
        String writer = FrameQuestion.WRITER.answerIn(received);
        return writer == null ? null : WriterId.parse(writer);
    }
}
