package io.rediscdc.sink;

import io.rediscdc.sink.target.CommandBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Has the target itself note in the checkpoint that a command of a batch failed, in the same EXEC: the replies that say so
 * can be lost with the connection or with the worker, while the checkpoint has advanced.
 *
 * <p>The server counts its error replies ({@code total_error_replies} in INFO, Redis 6.2; server.c, afterErrorReply in
 * networking.c). Nobody but the batch executes anything between the first and the last command of its EXEC, so what the
 * count has grown by there are its own errors. Two short scripts compare; between them the count stands in the checkpoint's
 * field {@code errors}, which nobody ever sees. An error that a script of the history caught is counted, too:
 * {@link BatchInFlight} takes such a mark back when it has seen the replies.
 *
 * <p>Not used where the target does not count or does not permit EVAL. Not thread-safe.
 */
final class FailureMark {

    /** Answers with the count, or with nil. */
    static final String COUNT = "return string.match(redis.call('INFO','stats'),'total_error_replies:(%d+)')";

    /** Redis 6.2 with {@code lua-replicate-commands no} lets no script write that has asked for INFO, unless it says this. */
    private static final String AS_EFFECTS = "if redis.replicate_commands then redis.replicate_commands() end ";

    private static final byte[] OPEN = ascii(AS_EFFECTS + "redis.call('HSET',KEYS[1],'errors',"
            + "(string.match(redis.call('INFO','stats'),'total_error_replies:(%d+)')))");

    private static final byte[] CLOSE = ascii(
            AS_EFFECTS + "local now=tonumber((string.match(redis.call('INFO','stats'),'total_error_replies:(%d+)')))"
                    + " local before=tonumber(redis.call('HGET',KEYS[1],'errors') or now)"
                    + " redis.call('HDEL',KEYS[1],'errors')"
                    + " if now>before then redis.call('HSET',KEYS[1],'stuck',(now-before)..ARGV[1]) end");

    private static final byte[] CARRY = ascii("local before=redis.call('HGET',KEYS[1],'errors')"
            + " redis.call(unpack(ARGV))"
            + " if before then redis.call('HSET',KEYS[1],'errors',before) end");

    private static final byte[] EVAL = ascii("EVAL");

    private final byte[] checkpointKey;
    private boolean used;

    private FailureMark(byte[] checkpointKey) {
        this.checkpointKey = checkpointKey;
    }

    /** One that is not used, before {@link #use} says otherwise. */
    static FailureMark unused(CheckpointKey key) {
        return new FailureMark(key.bytes());
    }

    /** Whether batches begun from now on have it. */
    void use(boolean newUsed) {
        used = newUsed;
    }

    boolean isUsed() {
        return used;
    }

    /** Adds the beginning, in database 0 and before anything that can fail. */
    void open(CommandBuffer out) {
        out.command(4).arg(EVAL).arg(OPEN).arg(1).arg(checkpointKey);
    }

    /**
     * Adds the end, in database 0 and after anything that can fail.
     *
     * @param failure the end of a sentence that begins with the number of commands that failed
     */
    void close(CommandBuffer out, String failure) {
        out.command(5).arg(EVAL).arg(CLOSE).arg(1).arg(checkpointKey).arg(failure);
    }

    /** Adds a command that takes the keys of database 0 away, in database 0. */
    void carryOver(CommandBuffer out, byte[][] command) {
        out.command(4 + command.length).arg(EVAL).arg(CARRY).arg(1).arg(checkpointKey);
        for (byte[] arg : command) {
            out.arg(arg);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
