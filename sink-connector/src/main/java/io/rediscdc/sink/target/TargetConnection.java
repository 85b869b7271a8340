package io.rediscdc.sink.target;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.ValueScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.ChangeKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
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

    /** What targets need, with arguments that are right. */
    private static final String[][] NEEDED = {
        {"HSET", "<key>", "f", "v"},
        {"HMSET", "<key>", "f", "v"},
        {"MULTI"},
        {"EXEC"},
        {"SELECT", "0"},
        {"SET", "<key>", "v"},
        {"RESTORE", "<key>", "0", "p"},
        {"UNLINK", "<key>"},
        {"SCAN", "0"},
        {"PEXPIRETIME", "<key>"},
        {"EXISTS", "<key>"},
        {"SSCAN", "<key>", "0"}
    };

    private static final Set<String> OF_TRANSACTIONS = Set.of("MULTI", "EXEC");

    private final RedisAddress address;
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final BatchHandler batches;
    private final Duration commandTimeout;

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
        RedisAsyncCommands<byte[], byte[]> commands = connection.async();
        RedisFuture<String> watched = commands.watch(key);
        RedisFuture<Map<byte[], byte[]>> hash = commands.hgetall(key);
        await(watched);
        return textFields(await(hash));
    }

    /** As {@link #watch}, but nothing is watched. */
    public Map<String, String> fields(byte[] key) {
        return textFields(await(connection.async().hgetall(key)));
    }

    /** The fields and values of a hash in database 0 as they are, in no order; none if there is no such key. */
    public Map<byte[], byte[]> hash(byte[] key) {
        return await(connection.async().hgetall(key));
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

    private BatchReplies ask(CommandBuffer commands, BatchReplies expected) {
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
        await(connection.async().info(section)).lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                info.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return info;
    }

    /** What the target said about itself when it was asked first. */
    public TargetFacts facts() {
        if (facts == null) {
            facts = TargetFacts.of(this);
        }
        return facts;
    }

    /** Whether the target has a database of that number. */
    public boolean hasDatabase(int db) {
        try {
            select(db);
        } catch (ReplyException e) {
            if (e.code().equals("ERR")) {
                return false;
            }
            throw e;
        }
        select(0);
        return true;
    }

    /**
     * Whether a script has an answer for a key.
     *
     * @return false also where scripts are unknown or not permitted
     */
    public boolean answers(String script, byte[] key) {
        try {
            return await(connection.async().<byte[]>eval(script, ScriptOutputType.VALUE, key)) != null;
        } catch (ReplyException e) {
            return false;
        }
    }

    /**
     * One step of SCAN.
     *
     * @param cursor "0" to begin
     * @param match pattern of the keys wanted, null for all
     * @param count how many keys the server looks at, about
     * @param keys gets each key found; what a rehashing server finds twice comes twice
     * @return cursor of the next step, "0" at the end
     */
    public String scan(int db, String cursor, String match, int count, Consumer<byte[]> keys) {
        ScanArgs args = ScanArgs.Builder.limit(count);
        if (match != null) {
            args.match(match);
        }
        RedisFuture<String> selected = db == 0 ? null : sendSelect(db);
        RedisFuture<KeyScanCursor<byte[]>> scanned = connection.async().scan(ScanCursor.of(cursor), args);
        RedisFuture<String> back = db == 0 ? null : sendSelect(0);
        if (selected != null) {
            await(selected);
        }
        KeyScanCursor<byte[]> found = await(scanned);
        if (back != null) {
            await(back);
        }
        found.getKeys().forEach(keys);
        return found.getCursor();
    }

    /**
     * When keys of one database expire by the target's clock, ms since 1970: -1 for never, -2 for a key that is not there.
     * Exact from Redis 7 on; before, to a few ms.
     */
    public long[] expireTimes(List<ChangeKey> keys) {
        boolean exact = facts().hasPexpiretime();
        RedisAsyncCommands<byte[], byte[]> commands = connection.async();
        List<RedisFuture<Long>> asked = new ArrayList<>(keys.size());
        connection.setAutoFlushCommands(false);
        RedisFuture<String> selected = sendSelect(keys.get(0).db());
        RedisFuture<List<byte[]>> time = exact ? null : commands.time();
        for (ChangeKey key : keys) {
            asked.add(exact ? commands.pexpiretime(key.key()) : commands.pttl(key.key()));
        }
        RedisFuture<String> back = sendSelect(0);
        flush();
        await(selected);
        long nowMs = exact ? 0 : millis(await(time));
        long[] times = new long[asked.size()];
        for (int i = 0; i < times.length; i++) {
            long answer = await(asked.get(i));
            times[i] = answer < 0 ? answer : nowMs + answer;
        }
        await(back);
        return times;
    }

    /** Those of the keys that are not there. */
    public List<ChangeKey> missing(Collection<ChangeKey> keys) {
        Map<ChangeKey, RedisFuture<Long>> asked = new LinkedHashMap<>();
        List<RedisFuture<String>> selected = new ArrayList<>();
        int db = 0;
        connection.setAutoFlushCommands(false);
        for (ChangeKey key : keys) {
            if (key.db() != db) {
                db = key.db();
                selected.add(sendSelect(db));
            }
            asked.put(key, connection.async().exists(key.key()));
        }
        selected.add(sendSelect(0));
        flush();
        selected.forEach(this::await);
        List<ChangeKey> missing = new ArrayList<>();
        asked.forEach((key, count) -> {
            if (await(count) == 0) {
                missing.add(key);
            }
        });
        return missing;
    }

    /** Members of a set in database 0, as long as they are wanted; one can come twice. */
    public void members(byte[] set, Predicate<byte[]> wanted) {
        ScanCursor cursor = ScanCursor.INITIAL;
        do {
            ValueScanCursor<byte[]> found = await(connection.async().sscan(set, cursor, ScanArgs.Builder.limit(1_000)));
            for (byte[] member : found.getValues()) {
                if (!wanted.test(member)) {
                    return;
                }
            }
            cursor = found;
        } while (!cursor.isFinished());
    }

    private void flush() {
        connection.flushCommands();
        connection.setAutoFlushCommands(true);
    }

    /** Of TIME: seconds and microseconds. */
    private static long millis(List<byte[]> time) {
        return Long.parseLong(text(time.get(0))) * 1_000 + Long.parseLong(text(time.get(1))) / 1_000;
    }

    /** Names of the function libraries; none where the server knows no functions (before Redis 7). */
    public List<byte[]> functionLibraries() {
        List<Object> replies;
        try {
            replies = await(connection
                    .async()
                    .dispatch(
                            CommandType.FUNCTION,
                            new ArrayOutput<>(ByteArrayCodec.INSTANCE),
                            new CommandArgs<>(ByteArrayCodec.INSTANCE).add("LIST")));
        } catch (ReplyException e) {
            if (e.code().equals("ERR")) {
                return List.of();
            }
            throw e;
        }
        List<byte[]> names = new ArrayList<>();
        for (Object reply : replies) {
            List<?> library = (List<?>) reply;
            for (int i = 0; i + 1 < library.size(); i += 2) {
                if (library.get(i) instanceof byte[] field && text(field).equals("library_name")) {
                    names.add((byte[]) library.get(i + 1));
                }
            }
        }
        return names;
    }

    private void select(int db) {
        await(sendSelect(db));
    }

    private RedisFuture<String> sendSelect(int db) {
        return connection
                .async()
                .dispatch(
                        CommandType.SELECT,
                        new StatusOutput<>(ByteArrayCodec.INSTANCE),
                        new CommandArgs<>(ByteArrayCodec.INSTANCE).add(db));
    }

    /**
     * Asks whether the user may run what changes are written with, where the server can tell (ACL DRYRUN, Redis 7).
     *
     * @param transactions whether batches will be transactions
     * @param restores whether there is nothing in place of RESTORE
     * @throws ReplyException NOPERM with the server's words about the first command that it may not
     */
    void checkRights(byte[] checkpointKey, boolean transactions, boolean restores) {
        String key = text(checkpointKey);
        RedisAsyncCommands<byte[], byte[]> commands = connection.async();
        String refusal = null;
        try {
            String user = await(commands.aclWhoami());
            for (String[] needed : NEEDED) {
                if ((!transactions && OF_TRANSACTIONS.contains(needed[0]))
                        || (!restores && needed[0].equals("RESTORE"))) {
                    continue;
                }
                String[] args = Arrays.copyOfRange(needed, 1, needed.length);
                for (int i = 0; i < args.length; i++) {
                    args[i] = args[i].replace("<key>", key);
                }
                String answer = await(commands.aclDryRun(user, needed[0], args));
                if (refusal == null && !answer.equals("OK")) {
                    refusal = answer;
                }
            }
        } catch (ReplyException e) {
            return; // it may not ask, or the server is older: then the task finds out
        }
        if (refusal != null) {
            throw new ReplyException(address, "NOPERM " + refusal);
        }
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

    private <T> T await(RedisFuture<T> future) {
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
