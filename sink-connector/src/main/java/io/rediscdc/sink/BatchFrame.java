package io.rediscdc.sink;

import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;

/** The commands around the changes of one batch, and where in the replies is what they say. Used again; not thread-safe. */
interface BatchFrame {

    /** Adds what comes first. */
    void begin(CommandBuffer out);

    /** A change's commands follow. */
    void beforeChange(Delivery delivery, CommandBuffer out);

    /** A change's commands have been added. */
    void afterChange(Delivery delivery, CommandBuffer out);

    /** The checkpoint has been added: adds what comes after it. */
    void end(CommandBuffer out);

    /** Whether the checkpoint should be written now rather than after more changes. */
    boolean isOver();

    /** For the replies to that many commands, the last of which {@link #end} has added. */
    BatchReplies newReplies(int commands);

    /** Number of the command, from 0, that an error is about. */
    int command(BatchReplies.ErrorReply error);
}
