package io.rediscdc.sink;

import io.netty.buffer.ByteBuf;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import java.util.function.Supplier;

/** The commands around the changes of one batch, and where in the replies is what they say. Used again; not thread-safe. */
interface BatchFrame {

    /** What is in it concerns keys of ours only: it does not matter who has which slots. */
    default void ofOurKeysOnly() {}

    /** The target is to say, after the batch, what {@link io.rediscdc.sink.expiry.LossCount} reads, if it can be asked so. */
    default void countLosses() {}

    /** Adds what comes first. */
    void begin(CommandBuffer out);

    /** A change's commands follow. */
    void beforeChange(Delivery delivery, CommandBuffer out);

    /** A change's commands have been added. */
    void afterChange(Delivery delivery, CommandBuffer out);

    /**
     * The checkpoint has been added: adds what comes after it.
     *
     * @param failure for the target's own note, the end of a sentence that begins with how many commands failed
     */
    void end(CommandBuffer out, Supplier<String> failure);

    /** Whether the target notes by itself that a command failed. */
    boolean isMarked();

    /** Whether the checkpoint should be written now rather than after more changes. */
    boolean isOver();

    /**
     * What is sent.
     *
     * @param telling as for {@link #newReplies}, which follows
     */
    default ByteBuf toSend(CommandBuffer commands, int[] telling) {
        return commands.view();
    }

    /**
     * For the replies to that many commands, the last of which {@link #end} has added.
     *
     * @param telling numbers of commands whose reply is to be looked at for a 0, where it can be
     */
    BatchReplies newReplies(int commands, int[] telling);

    /** Number of the command, from 0, that an error is about. */
    int command(BatchReplies.ErrorReply error);
}
