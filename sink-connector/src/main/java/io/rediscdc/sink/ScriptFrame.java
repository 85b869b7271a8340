package io.rediscdc.sink;

import io.netty.buffer.ByteBuf;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchScript;
import io.rediscdc.sink.target.CommandBuffer;
import java.util.BitSet;
import java.util.function.Supplier;

/** Changes and checkpoint in one call of a script, at a node of a cluster: {@link BatchScript}. */
final class ScriptFrame implements BatchFrame {

    private final CheckpointKey key;
    private final SlotShare share;
    private final BatchScript script = new BatchScript();
    private String failure = "";
    private boolean ourKeysOnly;

    ScriptFrame(CheckpointKey key, SlotShare share) {
        this.key = key;
        this.share = share;
    }

    /** A command that is not sent, so that here too the first one is none of a change. */
    @Override
    public void begin(CommandBuffer out) {
        out.command(1).arg("PING");
        ourKeysOnly = false;
    }

    @Override
    public void beforeChange(Delivery delivery, CommandBuffer out) {}

    @Override
    public void afterChange(Delivery delivery, CommandBuffer out) {}

    @Override
    public void end(CommandBuffer out, Supplier<String> newFailure) {
        failure = newFailure.get();
    }

    @Override
    public void ofOurKeysOnly() {
        ourKeysOnly = true;
    }

    @Override
    public boolean isMarked() {
        return true;
    }

    @Override
    public boolean isOver() {
        return false;
    }

    @Override
    public ByteBuf toSend(CommandBuffer commands, int[] telling) {
        BitSet numbers = new BitSet();
        for (int number : telling) {
            numbers.set(number);
        }
        String slots = ourKeysOnly ? BatchScript.ANY_SLOTS : share.slotsText();
        return script.encode(commands, numbers, key.bytes(), share.writer().toString(), slots, failure);
    }

    @Override
    public BatchReplies newReplies(int commands, int[] telling) {
        return BatchReplies.ofScript(script.replies(), script.elements(telling));
    }

    @Override
    public int command(BatchReplies.ErrorReply error) {
        return error.element() < 0 ? script.numberBefore(error.reply()) : script.number(error.element());
    }
}
