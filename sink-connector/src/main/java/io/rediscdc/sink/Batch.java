package io.rediscdc.sink;

import io.netty.buffer.ByteBuf;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The changes of one MULTI/EXEC, encoded, with the checkpoint at its end: {@code MULTI, changes, SELECT 0, HSET
 * checkpoint, EXEC, WATCH checkpoint, HGET checkpoint writer}. The last two fence it: the next EXEC fails if anybody
 * writes the checkpoint from here on, and if anybody did before, the reply shows it. Reused; not thread-safe.
 */
final class Batch {

    private static final byte[] MULTI = ascii("MULTI");
    private static final byte[] EXEC = ascii("EXEC");
    private static final byte[] WATCH = ascii("WATCH");
    private static final byte[] UNLINK = ascii("UNLINK");
    private static final byte[] PEXPIREAT = ascii("PEXPIREAT");
    private static final byte[] HGET = ascii("HGET");
    private static final byte[] WRITER = ascii(Checkpoint.WRITER);

    private final CheckpointKey checkpointKey;
    private final CommandBuffer commands = new CommandBuffer();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final BitSet databases = new BitSet();

    /** Number of commands after each delivery. */
    private int[] ends = new int[256];

    /** Numbers, within EXEC, of commands that answer 0 only if their key is not as it should be. */
    private int[] telling = new int[16];

    private int tellingCount;
    private final Suspects suspects = new Suspects();

    private int execReply;
    private Checkpoint checkpoint;

    Batch(CheckpointKey checkpointKey) {
        this.checkpointKey = checkpointKey;
    }

    void clear() {
        commands.clear();
        deliveries.clear();
        databases.clear();
        tellingCount = 0;
        suspects.clear();
        checkpoint = null;
    }

    boolean isEmpty() {
        return deliveries.isEmpty();
    }

    int records() {
        return deliveries.size();
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
        begin(encoder);
        try {
            if (encoder.encode(delivery.change(), commands)) {
                telling();
            }
        } catch (RedisCdcException e) {
            throw new RedisCdcException(e.category(), "the record at " + delivery.place() + ": " + e.getMessage(), e);
        }
        databases.set(delivery.change().key().db());
        int n = deliveries.size();
        if (n == ends.length) {
            ends = Arrays.copyOf(ends, 2 * n);
        }
        ends[n] = commands.commands();
        deliveries.add(delivery);
    }

    private void telling() {
        if (tellingCount == telling.length) {
            telling = Arrays.copyOf(telling, 2 * tellingCount);
        }
        // The number before is MULTI's, whose reply is not within EXEC's.
        telling[tellingCount++] = commands.commands() - 2;
    }

    /** The commands among the changes. */
    Stream<Change> commands() {
        return deliveries.stream().map(Delivery::change).filter(change -> change.op() == Op.COMMAND);
    }

    /** Keys of which it has to be looked whether the target still has them, before it is sent. */
    Suspects suspects() {
        return suspects;
    }

    /** Adds a new expire time of a key, for which there is no change. */
    void expireAt(ChangeKey key, long atMs, ChangeEncoder encoder) {
        begin(encoder);
        encoder.select(key.db(), commands);
        commands.command(3).arg(PEXPIREAT).arg(key.key()).arg(atMs);
    }

    /** Adds a command for a set of ours in database 0. */
    void alterSet(String command, byte[] set, Collection<byte[]> members, ChangeEncoder encoder) {
        begin(encoder);
        encoder.select(0, commands);
        commands.command(2 + members.size()).arg(command).arg(set);
        members.forEach(commands::arg);
    }

    /** Adds the removal of keys, for which there is no change. */
    void unlink(int db, Collection<byte[]> keys, ChangeEncoder encoder) {
        begin(encoder);
        encoder.select(db, commands);
        commands.command(1 + keys.size()).arg(UNLINK);
        keys.forEach(commands::arg);
    }

    /** Adds the removal of a function library, for which there is no change. */
    void deleteLibrary(byte[] name, ChangeEncoder encoder) {
        begin(encoder);
        commands.command(3).arg("FUNCTION").arg("DELETE").arg(name);
    }

    /** Has it remove the checkpoint, fields that a new one does not have included, before a new one is written. */
    void removeCheckpoint(ChangeEncoder encoder) {
        begin(encoder);
        commands.command(2).arg(UNLINK).arg(checkpointKey.bytes());
    }

    /** Ends it. From now on it is only sent, as often as needed. */
    void seal(ChangeEncoder encoder, Checkpoint newCheckpoint, long nowMs) {
        begin(encoder);
        encoder.select(0, commands);
        newCheckpoint.write(commands, checkpointKey, nowMs);
        end();
        checkpoint = newCheckpoint;
    }

    /** Makes it one that only says that the writer is stuck. */
    void sealStuck(ChangeEncoder encoder, String stuck) {
        begin(encoder);
        commands.command(4)
                .arg("HSET")
                .arg(checkpointKey.bytes())
                .arg(Checkpoint.STUCK)
                .arg(stuck);
        end();
    }

    /** The checkpoint in it. */
    Checkpoint checkpoint() {
        return checkpoint;
    }

    ByteBuf bytesToSend() {
        return commands.view();
    }

    BatchReplies newReplies() {
        return new BatchReplies(commands.commands(), execReply, Arrays.copyOf(telling, tellingCount));
    }

    /** The delivery that an error reply is about, null for one about what is ours. */
    Delivery culprit(BatchReplies.ErrorReply error) {
        return delivery(error.element() < 0 ? error.reply() : error.element() + 1);
    }

    /** The delivery that a reply within EXEC's is about. */
    Delivery ofElement(int element) {
        return delivery(element + 1);
    }

    private Delivery delivery(int command) {
        if (command == 0) {
            return null;
        }
        for (int i = 0; i < deliveries.size(); i++) {
            if (command < ends[i]) {
                return deliveries.get(i);
            }
        }
        return null;
    }

    private void begin(ChangeEncoder encoder) {
        if (commands.commands() == 0) {
            encoder.reset();
            commands.command(1).arg(MULTI);
        }
    }

    private void end() {
        execReply = commands.commands();
        commands.command(1).arg(EXEC);
        commands.command(2).arg(WATCH).arg(checkpointKey.bytes());
        commands.command(3).arg(HGET).arg(checkpointKey.bytes()).arg(WRITER);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
