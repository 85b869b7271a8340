package io.rediscdc.sink;

import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;

/**
 * {@code MULTI, changes, checkpoint, EXEC, WATCH checkpoint, HGET checkpoint writer}. The last two fence it: the next EXEC
 * fails if anybody writes the checkpoint from here on, and if anybody did before, the reply shows it.
 */
final class TransactionFrame implements BatchFrame {

    private static final byte[] MULTI = "MULTI".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EXEC = "EXEC".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WATCH = "WATCH".getBytes(StandardCharsets.US_ASCII);
    private static final int AFTER_EXEC = 2;

    private final CheckpointKey key;

    TransactionFrame(CheckpointKey key) {
        this.key = key;
    }

    @Override
    public void begin(CommandBuffer out) {
        out.command(1).arg(MULTI);
    }

    @Override
    public void beforeChange(Delivery delivery, CommandBuffer out) {}

    @Override
    public void afterChange(Delivery delivery, CommandBuffer out) {}

    @Override
    public void end(CommandBuffer out) {
        out.command(1).arg(EXEC);
        out.command(2).arg(WATCH).arg(key.bytes());
        Checkpoint.readWriter(out, key);
    }

    @Override
    public boolean isOver() {
        return false;
    }

    @Override
    public BatchReplies newReplies(int commands) {
        return new BatchReplies(commands, commands - 1 - AFTER_EXEC);
    }

    @Override
    public int command(BatchReplies.ErrorReply error) {
        return error.element() < 0 ? error.reply() : error.element() + 1;
    }
}
