package io.rediscdc.sink.target;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.netty.buffer.ByteBuf;
import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.sink.expiry.LossCount;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the target that belongs to one writer, in database 0 unless a batch is under way. It never connects
 * again and never sends again: what follows a failure is for its owner to decide, who knows what has been applied.
 *
 * <p>Not thread-safe. Everything but {@link #send} and {@link #write} waits for the answer, and is only allowed while no batch is under way.
 */
public final class TargetConnection implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TargetConnection.class);

    private static final int CLOSE_SECONDS = 2;

    private final RedisAddress address;
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final BatchHandler batches;
    private final Duration commandTimeout;
    private final TargetReader reader;

    /** As System.nanoTime(), 0 for none. */
    private long deadline;

    /** Null before it was asked. */
    private TargetFacts facts;

    private boolean closed;

    TargetConnection(
            RedisAddress address,
            StatefulRedisConnection<byte[], byte[]> connection,
            BatchHandler batches,
            Duration commandTimeout) {
        this.address = address;
        this.connection = connection;
        this.batches = batches;
        this.commandTimeout = commandTimeout;
        this.reader = new TargetReader(this);
    }

    public RedisAddress address() {
        return address;
    }

    /**
     * Sends encoded commands as one piece.
     *
     * @param batch released when it has been written or cannot be
     * @return the replies; or what ended the connection before they came: whether the batch was executed is then unknown
     */
    public CompletableFuture<BatchReplies> send(ByteBuf batch, BatchReplies replies) {
        return batches.send(batch, replies);
    }

    /**
     * Sends bytes of a command whose replies {@link #send} was given.
     *
     * @param part released when it has been written or cannot be
     * @return done when the connection has taken them
     */
    public CompletableFuture<Void> write(ByteBuf part) {
        return batches.write(part);
    }

    /**
     * From here on, the next EXEC fails if anybody changes the key. Returns what it holds.
     *
     * @return the hash's fields and values; empty if there is no such key
     * @throws RedisCdcException CONFIG if the key is no hash or its reading is not permitted, CONNECTION
     */
    public Map<String, String> watch(byte[] key) {
        RedisAsyncCommands<byte[], byte[]> commands = async();
        RedisFuture<String> watched = commands.watch(key);
        RedisFuture<Map<byte[], byte[]>> hash = commands.hgetall(key);
        await(watched);
        return textFields(await(hash));
    }

    /** As {@link #watch}, but nothing is watched. */
    public Map<String, String> fields(byte[] key) {
        return textFields(await(async().hgetall(key)));
    }

    private static Map<String, String> textFields(Map<byte[], byte[]> hash) {
        Map<String, String> fields = new HashMap<>();
        hash.forEach((field, value) -> fields.put(text(field), text(value)));
        return fields;
    }

    /** Whether the target lets us use MULTI. */
    public boolean permitsTransactions() {
        CommandBuffer empty = new CommandBuffer();
        empty.command(1).arg("MULTI");
        empty.command(1).arg("DISCARD");
        return ask(empty).errorCount() == 0;
    }

    /** Sends commands to see what is answered. */
    public BatchReplies ask(CommandBuffer commands) {
        return ask(commands, new BatchReplies(commands.commands(), -1));
    }

    /**
     * Has a script executed that answers with an array of strings.
     *
     * @param asking whether the slot of the key may still be on its way to this node
     * @return the strings, null for nil
     * @throws ReplyException its error
     */
    public List<byte[]> evaluate(boolean asking, String script, byte[] key, byte[]... args) {
        CommandBuffer commands = new CommandBuffer();
        if (asking) {
            commands.command(1).arg("ASKING");
        }
        commands.command(3 + (key == null ? 0 : 1) + args.length).arg("EVAL").arg(script);
        commands.arg(key == null ? 0 : 1);
        if (key != null) {
            commands.arg(key);
        }
        for (byte[] arg : args) {
            commands.arg(arg);
        }
        BatchReplies replies = ask(commands, BatchReplies.ofArray(commands.commands()));
        if (replies.errorCount() > 0) {
            throw new ReplyException(address, replies.errors().get(0).text());
        }
        return replies.elements();
    }

    /** What a node of a cluster says of its own slots: numbers, ranges, and in brackets those that are being moved. */
    public String ownSlots() {
        return text(
                evaluate(false, "return {" + BatchScript.OWN_SLOTS + "}", null).get(0));
    }

    /** The same, with replies of a kind. */
    BatchReplies ask(CommandBuffer commands, BatchReplies expected) {
        try {
            return send(commands.view(), expected).get(commandTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new RedisCdcException(Category.CONNECTION, address + " did not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisCdcException(Category.CONNECTION, "interrupted while connecting to " + address, e);
        }
    }

    /** What INFO says in one of its sections, as name to value. */
    public Map<String, String> info(String section) {
        Map<String, String> info = new HashMap<>();
        await(async().info(section)).lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                info.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return info;
    }

    /** How many keys it has let go by itself; null if it does not say. */
    public LossCount losses() {
        return LossCount.of(facts().run(), await(async().info("stats")));
    }

    /** What the target said about itself when it was asked first. */
    public TargetFacts facts() {
        if (facts == null) {
            facts = TargetFacts.of(this);
        }
        return facts;
    }

    /**
     * Whether a script has an answer for a key.
     *
     * @return false also where scripts are unknown or not permitted
     */
    public boolean answers(String script, byte[] key) {
        try {
            return await(async().<byte[]>eval(script, ScriptOutputType.VALUE, key)) != null;
        } catch (ReplyException e) {
            return false;
        }
    }

    /** For looking into it. */
    public TargetReader reader() {
        return reader;
    }

    /** Commands whose answers are to be awaited by {@link #await}. */
    RedisAsyncCommands<byte[], byte[]> async() {
        return connection.async();
    }

    /** Has commands wait until {@link #flush} sends all of them. */
    void cork() {
        connection.setAutoFlushCommands(false);
    }

    void flush() {
        connection.flushCommands();
        connection.setAutoFlushCommands(true);
    }

    /** Whether the connection is still usable. */
    public boolean isOpen() {
        return connection.isOpen();
    }

    /** Can be called again. What is under way is lost; its future says so. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            // Waited for, since Lettuce complains about connections that its client finds half closed.
            connection.closeAsync().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.debug("Closing the connection to {}", address, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Bounds all that follows together, instead of each command. */
    void answerBefore(long deadlineNanos) {
        deadline = deadlineNanos;
    }

    /**
     * The answer to a command.
     *
     * @throws ReplyException its error
     * @throws RedisCdcException CONNECTION if there is none
     */
    <T> T await(RedisFuture<T> future) {
        long patience = deadline == 0 ? commandTimeout.toNanos() : deadline - System.nanoTime();
        try {
            return LettuceFutures.awaitOrCancel(future, Math.max(1, patience), TimeUnit.NANOSECONDS);
        } catch (RedisCommandExecutionException e) {
            throw new ReplyException(address, e.getMessage());
        } catch (RedisException e) {
            ConnectFailure failure = ConnectFailure.of(e, null, address);
            throw new RedisCdcException(failure.kind().category(), failure.message(), e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
