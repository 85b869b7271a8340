package io.rediscdc.sink;

import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * {@code HGET checkpoint writer, changes, checkpoint}. A transaction of the source stands in a MULTI/EXEC of its own, where
 * the target permits that. What removes the checkpoint is the last change of its batch, so that it is soon written anew.
 */
final class PipelineFrame implements BatchFrame {

    private static final byte[] MULTI = "MULTI".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EXEC = "EXEC".getBytes(StandardCharsets.US_ASCII);
    private static final int WRITER_REPLY = 0;

    private final CheckpointKey key;
    private final BooleanSupplier transactions;

    /** Numbers of the commands that begin and end transactions. */
    private final BitSet multis = new BitSet();

    private final BitSet execs = new BitSet();
    private boolean inTransaction;
    private boolean over;

    PipelineFrame(CheckpointKey key, BooleanSupplier transactions) {
        this.key = key;
        this.transactions = transactions;
    }

    @Override
    public void begin(CommandBuffer out) {
        multis.clear();
        execs.clear();
        inTransaction = false;
        over = false;
        FrameQuestion.WRITER.ask(out, key);
    }

    @Override
    public void beforeChange(Delivery delivery, CommandBuffer out) {
        Command.Transaction tx = transaction(delivery);
        if (tx != null && tx.index() == 0 && !tx.last() && transactions.getAsBoolean()) {
            multis.set(out.commands());
            out.command(1).arg(MULTI);
            inTransaction = true;
        }
    }

    @Override
    public void afterChange(Delivery delivery, CommandBuffer out) {
        if (inTransaction && transaction(delivery).last()) {
            execs.set(out.commands());
            out.command(1).arg(EXEC);
            inTransaction = false;
        }
        Op op = delivery.change().op();
        over |= op == Op.FLUSH || op == Op.SWAPDB;
    }

    private static Command.Transaction transaction(Delivery delivery) {
        Command command = delivery.change().command();
        return command == null ? null : command.tx();
    }

    @Override
    public void end(CommandBuffer out, Supplier<String> failure) {}

    /** What fails unseen is sent again. */
    @Override
    public boolean isMarked() {
        return false;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public BatchReplies newReplies(int commands, int[] telling) {
        return new BatchReplies(commands, commands - 1, execs, WRITER_REPLY, telling);
    }

    @Override
    public int command(BatchReplies.ErrorReply error) {
        return error.element() < 0 ? error.reply() : multis.previousSetBit(error.reply()) + 1 + error.element();
    }
}
