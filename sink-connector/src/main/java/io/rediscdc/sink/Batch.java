package io.rediscdc.sink;

import io.netty.buffer.ByteBuf;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Collection;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The changes of one batch, encoded, with the checkpoint after them ({@code SELECT 0, HMSET checkpoint}) and around all what
 * the {@link BatchFrame} says. Reused; not thread-safe.
 */
final class Batch {

    private static final byte[] PEXPIREAT = "PEXPIREAT".getBytes(StandardCharsets.US_ASCII);

    private final CheckpointKey checkpointKey;
    private final BatchFrame frame;
    private final Supplier<byte[]> removal;
    private final CommandBuffer commands = new CommandBuffer();
    private final BatchRecords records = new BatchRecords();
    private final BitSet databases = new BitSet();

    private boolean ourKeysOnly;
    private final Suspects suspects = new Suspects();

    /** Where the commands of the last delivery begin. */
    private int lastBegin;

    private Checkpoint checkpoint;

    /** Where in its bytes the command belongs that is sent otherwise; -1 if there is none. */
    private int streamedAt = -1;

    /** Replies to what was sent before the rest. */
    private BatchReplies begun;

    /** @param removal name of the command that removes keys there; asked when one is encoded */
    Batch(CheckpointKey checkpointKey, BatchFrame frame, Supplier<byte[]> removal) {
        this.checkpointKey = checkpointKey;
        this.frame = frame;
        this.removal = removal;
    }

    void clear() {
        commands.clear();
        records.clear();
        databases.clear();
        suspects.clear();
        checkpoint = null;
        ourKeysOnly = false;
        streamedAt = -1;
        begun = null;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    /** Whether it should be sealed before anything is added. */
    boolean isOver() {
        return !isEmpty() && frame.isOver();
    }

    int records() {
        return records.size();
    }

    /** Whether there are pieces of large values in it. */
    boolean hasPieces() {
        return records.changes()
                .anyMatch(change -> change.state() != null && change.state().piece() != null);
    }

    int bytes() {
        return commands.length();
    }

    /** Database numbers that are selected in it, so that one the target does not have is found before. */
    BitSet databases() {
        return databases;
    }

    /** @throws RedisCdcException naming the record, if it cannot be expressed; the batch is then of no use */
    void add(Delivery delivery, ChangeEncoder encoder) {
        begin();
        frame.beforeChange(delivery, commands);
        lastBegin = commands.commands();
        try {
            if (encoder.encode(delivery.change(), commands)) {
                records.addTelling(commands.commands() - 1);
            }
        } catch (RedisCdcException e) {
            throw new RedisCdcException(e.category(), "the record at " + delivery.place() + ": " + e.getMessage(), e);
        }
        frame.afterChange(delivery, commands);
        databases.set(delivery.change().key().db());
        records.add(delivery, commands.commands());
    }

    /** Adds one of which nothing is applied but that the history goes on. */
    void pass(Delivery delivery, ChangeEncoder encoder) {
        begin();
        frame.beforeChange(delivery, commands);
        lastBegin = commands.commands();
        encoder.pass(delivery.change(), commands);
        frame.afterChange(delivery, commands);
        records.add(delivery, commands.commands());
    }

    /** Begins one whose only change is a command that {@link CommandStream} sends, after what is here now. */
    void beginStream(Change change, Scripts scripts) {
        begin();
        scripts.see(change, commands);
        commands.select(change.key().db());
        databases.set(change.key().db());
        commands.elsewhere();
        streamedAt = commands.length();
    }

    /** All of that command has been sent. */
    void streamed(Delivery delivery) {
        records.add(delivery, commands.commands());
    }

    /** The target has answered to what was sent so far. */
    void begunWith(BatchReplies replies) {
        begun = replies;
    }

    /** Whether a part of it is not here any more. */
    boolean isStreamed() {
        return streamedAt >= 0;
    }

    /** What comes before the command that is sent otherwise. */
    ByteBuf beginning() {
        return commands.view(0, streamedAt);
    }

    /** For that and the command. */
    BatchReplies newRepliesToBeginning() {
        return BatchReplies.ofFirst(commands.commands());
    }

    /** Numbers of the commands of the record added last, without what selects its database. */
    BitSet lastCommands() {
        BitSet numbers = new BitSet();
        numbers.set(lastBegin, commands.commands());
        numbers.clear(commands.lastSelect());
        return numbers;
    }

    /** The commands among the changes. */
    Stream<Change> commands() {
        return records.changes().filter(change -> change.op() == Op.COMMAND);
    }

    /** Keys of which it has to be looked whether the target still has them, before it is sent. */
    Suspects suspects() {
        return suspects;
    }

    /** Adds a new expire time of a key, for which there is no change. */
    void expireAt(ChangeKey key, long atMs) {
        begin();
        commands.select(key.db());
        commands.command(3).arg(PEXPIREAT).arg(key.key()).arg(atMs);
    }

    /** Adds a command for a set of ours in database 0. */
    void alterSet(String command, byte[] set, Collection<byte[]> members) {
        begin();
        commands.select(0);
        commands.command(2 + members.size()).arg(command).arg(set);
        members.forEach(commands::arg);
    }

    /** Adds a field of a hash of ours in database 0, or its removal where there is no value. */
    void alterHash(byte[] hash, byte[] field, byte[] value) {
        begin();
        commands.select(0);
        if (value == null) {
            commands.command(3).arg("HDEL").arg(hash).arg(field);
        } else {
            commands.command(4).arg("HSET").arg(hash).arg(field).arg(value);
        }
    }

    /** Adds the removal of keys, for which there is no change. */
    void unlink(int db, Collection<byte[]> keys) {
        begin();
        commands.select(db);
        commands.command(1 + keys.size()).arg(removal.get());
        keys.forEach(commands::arg);
    }

    /** Adds the removal of a function library, for which there is no change. */
    void deleteLibrary(byte[] name) {
        begin();
        commands.command(3).arg("FUNCTION").arg("DELETE").arg(name);
    }

    /** Has it remove the checkpoint, fields that a new one does not have included, before a new one is written. */
    void removeCheckpoint() {
        begin();
        commands.command(2).arg(removal.get()).arg(checkpointKey.bytes());
    }

    /** Before it is ended: the target is to say how many keys it has let go. */
    void countLosses() {
        begin();
        frame.countLosses();
    }

    /** Ends it. From now on it is only sent, as often as needed. */
    void seal(Checkpoint newCheckpoint, long nowMs) {
        begin();
        commands.select(0);
        newCheckpoint.write(commands, checkpointKey, nowMs);
        frame.end(
                commands,
                () -> records.isEmpty()
                        ? " of the writer's own commands failed"
                        : WriterErrors.unseenFailure(records.all()));
        checkpoint = newCheckpoint;
    }

    /** Makes it one that only takes back that the writer is stuck. */
    void sealNotStuck() {
        begin();
        ourKeysOnly();
        commands.select(0);
        commands.command(3).arg("HDEL").arg(checkpointKey.bytes()).arg(Checkpoint.STUCK);
        frame.end(commands, () -> "");
    }

    /** Makes it one that only says that the writer is stuck. */
    void sealStuck(String stuck) {
        begin();
        ourKeysOnly();
        commands.command(4)
                .arg("HSET")
                .arg(checkpointKey.bytes())
                .arg(Checkpoint.STUCK)
                .arg(stuck);
        frame.end(commands, () -> "");
    }

    private void ourKeysOnly() {
        frame.ofOurKeysOnly();
        ourKeysOnly = true;
    }

    /** Whether it says only whether the writer is stuck. */
    boolean isOfOurKeysOnly() {
        return ourKeysOnly;
    }

    /** When the source received the last of its changes, in ms since 1970. */
    long lastReceivedMs() {
        return records.last().change().stamp().tsMs();
    }

    /** Whether the target notes by itself that a command failed. */
    boolean isMarked() {
        return frame.isMarked();
    }

    /** Whether the target, after all replies were clean, says that a command failed: a script caught it. */
    static boolean isMarkedInVain(BatchReplies replies) {
        return FrameQuestion.STUCK.answerIn(replies) != null;
    }

    /** {@link BatchRecords#indivisible()}. */
    Delivery indivisible() {
        return records.indivisible();
    }

    /** The checkpoint in it. */
    Checkpoint checkpoint() {
        return checkpoint;
    }

    /** All of them, or what comes after the command that was sent otherwise. */
    ByteBuf bytesToSend() {
        return isStreamed()
                ? commands.view(streamedAt, commands.length())
                : frame.toSend(commands, records.tellingCommands());
    }

    /** To be called after {@link #bytesToSend}. */
    BatchReplies newReplies() {
        BatchReplies replies = frame.newReplies(commands.commands(), records.tellingCommands());
        return begun == null ? replies : replies.goingOnFrom(begun);
    }

    /** The delivery that an error reply is about, null for one about what is ours. */
    Delivery culprit(BatchReplies.ErrorReply error) {
        return records.of(frame.command(error));
    }

    /** The command that an error reply is about. */
    int command(BatchReplies.ErrorReply error) {
        return frame.command(error);
    }

    /** Has it sent without these commands, if it is sent again. */
    void leaveOut(BitSet numbers) {
        commands.leaveOut(numbers);
    }

    /** {@link BatchRecords#commandsFor}. */
    BitSet commandsFor(SlotRanges slots) {
        return records.commandsFor(slots);
    }

    /** The deliveries whose telling commands were answered with 0. */
    Stream<Delivery> toldOtherwise(BatchReplies received) {
        return received.zeros().stream().map(records::telling);
    }

    /** The deliveries that have a command whose reply tells whether its key is as the history has it. */
    Stream<Delivery> telling() {
        return records.telling();
    }

    private void begin() {
        if (commands.commands() == 0) {
            frame.begin(commands);
        }
    }
}
