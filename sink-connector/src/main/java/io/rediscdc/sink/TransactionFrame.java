package io.rediscdc.sink;

import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * {@code MULTI, changes, checkpoint, EXEC, WATCH checkpoint, HGET checkpoint writer}. The last two fence it: the next EXEC
 * fails if anybody writes the checkpoint from here on, and if anybody did before, the reply shows it. With a
 * {@link FailureMark} changes and checkpoint stand between its two halves, and more is asked at the end
 * ({@link FrameQuestion}).
 */
final class TransactionFrame implements BatchFrame {

    private static final byte[] MULTI = "MULTI".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EXEC = "EXEC".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WATCH = "WATCH".getBytes(StandardCharsets.US_ASCII);

    private final CheckpointKey key;
    private final FailureMark mark;
    private boolean marked;
    private boolean counting;
    private int execReply;

    TransactionFrame(CheckpointKey key, FailureMark mark) {
        this.key = key;
        this.mark = mark;
    }

    @Override
    public void begin(CommandBuffer out) {
        out.command(1).arg(MULTI);
        marked = mark.isUsed();
        counting = false;
        if (marked) {
            mark.open(out);
        }
    }

    @Override
    public void countLosses() {
        counting = true;
    }

    @Override
    public void beforeChange(Delivery delivery, CommandBuffer out) {}

    @Override
    public void afterChange(Delivery delivery, CommandBuffer out) {}

    @Override
    public void end(CommandBuffer out, Supplier<String> failure) {
        if (marked) {
            mark.close(out, failure.get());
        }
        execReply = out.commands();
        out.command(1).arg(EXEC);
        out.command(2).arg(WATCH).arg(key.bytes());
        lastQuestion().askAllUntilThis(out, key);
    }

    private FrameQuestion lastQuestion() {
        if (!marked) {
            return FrameQuestion.WRITER;
        }
        return counting ? FrameQuestion.STATS : FrameQuestion.STUCK;
    }

    @Override
    public boolean isMarked() {
        return marked;
    }

    @Override
    public boolean isOver() {
        return false;
    }

    @Override
    public BatchReplies newReplies(int commands, int[] telling) {
        // MULTI's reply is not within EXEC's.
        return new BatchReplies(
                commands, execReply, IntStream.of(telling).map(n -> n - 1).toArray());
    }

    @Override
    public int command(BatchReplies.ErrorReply error) {
        return error.element() < 0 ? error.reply() : error.element() + 1;
    }
}
