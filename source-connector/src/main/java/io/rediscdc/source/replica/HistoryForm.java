package io.rediscdc.source.replica;

import io.rediscdc.model.Position;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;

/**
 * In which form a history is told (change.format): in the commands of its stream, or in the states of the keys that these change.
 * It decides how a server is attached to and what its stream is read by; nothing here is asked for each command. Of one
 * attachment, used by the thread that reads it.
 */
interface HistoryForm {

    /** The one that the options ask for, of an attachment that has not begun. */
    static HistoryForm of(ReplicaOptions options) {
        return options.states() == null ? new InCommands(options) : new InStates(options);
    }

    /**
     * Whether something has been handed out that the server has not had, although its history may include the point to resume
     * from. Only a snapshot takes that back.
     *
     * @param last of the records handed out
     */
    boolean isAheadOf(Node node, ResumePoint from, Position last);

    /**
     * The server is about to continue a history.
     *
     * @throws io.rediscdc.error.RedisCdcException CONNECTION if it cannot be told in this form
     */
    void checkContinued(Node node, String replid);

    /** The least index of a state that is read back in an epoch. */
    long firstIndex(long epoch);

    /**
     * What reads the stream, which begins now.
     *
     * @param offset of the last byte before it
     * @param db the database that is selected there
     * @param onGetAck run when the server asks for an acknowledgement
     */
    StreamDecoder stream(Spool spool, Chain chain, Stamper stamper, long offset, int db, Runnable onGetAck);

    /** The keys whose states are to be read from the server, as the stream is read: never any where it is told in commands. */
    KeyChanges keyChanges();
}
