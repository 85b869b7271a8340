package io.rediscdc.sink.target;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ValueScanCursor;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.format.resp.ServerTime;
import io.rediscdc.model.ChangeKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Looks into a target: which keys it has, what is in those that are ours. Only while no batch is under way; database 0 is
 * selected afterwards. Errors are those of {@link TargetConnection}: {@link ReplyException}, CONNECTION. Not thread-safe.
 */
public final class TargetReader {

    private static final byte[] EXISTS = "EXISTS".getBytes(StandardCharsets.US_ASCII);

    private final TargetConnection connection;

    TargetReader(TargetConnection connection) {
        this.connection = connection;
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
            connection.await(selected);
        }
        KeyScanCursor<byte[]> found = connection.await(scanned);
        if (back != null) {
            connection.await(back);
        }
        found.getKeys().forEach(keys);
        return found.getCursor();
    }

    /**
     * When keys of one database expire by the target's clock, ms since 1970: -1 for never, -2 for a key that is not there.
     * Exact from Redis 7 on; before, to a few ms.
     */
    public long[] expireTimes(List<ChangeKey> keys) {
        boolean exact = connection.facts().hasPexpiretime();
        RedisAsyncCommands<byte[], byte[]> commands = connection.async();
        List<RedisFuture<Long>> asked = new ArrayList<>(keys.size());
        connection.cork();
        RedisFuture<String> selected = sendSelect(keys.get(0).db());
        RedisFuture<List<byte[]>> time = exact ? null : commands.time();
        for (ChangeKey key : keys) {
            asked.add(exact ? commands.pexpiretime(key.key()) : commands.pttl(key.key()));
        }
        RedisFuture<String> back = sendSelect(0);
        connection.flush();
        connection.await(selected);
        long nowMs = exact ? 0 : ServerTime.millis(connection.await(time));
        long[] times = new long[asked.size()];
        for (int i = 0; i < times.length; i++) {
            long answer = connection.await(asked.get(i));
            times[i] = answer < 0 ? answer : nowMs + answer;
        }
        connection.await(back);
        return times;
    }

    /** Those of the keys that are not there. Of thousands, it costs little more than the server's work. */
    public List<ChangeKey> missing(Collection<ChangeKey> keys) {
        CommandBuffer questions = new CommandBuffer();
        List<ChangeKey> asked = new ArrayList<>(keys);
        int[] numbers = new int[asked.size()];
        for (int i = 0; i < numbers.length; i++) {
            questions.select(asked.get(i).db());
            numbers[i] = questions.commands();
            questions.command(2).arg(EXISTS).arg(asked.get(i).key());
        }
        questions.select(0);
        BatchReplies replies = connection.ask(questions, BatchReplies.ofNumbers(questions.commands(), numbers));
        if (replies.errorCount() > 0) {
            throw new ReplyException(
                    connection.address(), replies.errors().get(0).text());
        }
        return replies.zeros().stream().map(asked::get).toList();
    }

    /** Members of a set in database 0, as long as they are wanted; one can come twice. */
    public void members(byte[] set, Predicate<byte[]> wanted) {
        ScanCursor cursor = ScanCursor.INITIAL;
        do {
            ValueScanCursor<byte[]> found =
                    connection.await(connection.async().sscan(set, cursor, ScanArgs.Builder.limit(1_000)));
            for (byte[] member : found.getValues()) {
                if (!wanted.test(member)) {
                    return;
                }
            }
            cursor = found;
        } while (!cursor.isFinished());
    }

    /** Names of the function libraries; none where the server knows no functions (before Redis 7). */
    public List<byte[]> functionLibraries() {
        List<Object> replies;
        try {
            replies = connection.await(connection
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

    /** How many databases the target has, found by trying: {@code CONFIG GET databases} is often not permitted. */
    public int databases() {
        int has = 0;
        int lacks = 1;
        while (hasDatabase(lacks)) {
            has = lacks;
            lacks *= 2;
        }
        while (lacks - has > 1) {
            int between = (has + lacks) / 2;
            if (hasDatabase(between)) {
                has = between;
            } else {
                lacks = between;
            }
        }
        return lacks;
    }

    /** The fields and values of a hash in database 0 as they are, in no order; none if there is no such key. */
    public Map<byte[], byte[]> hash(byte[] key) {
        return connection.await(connection.async().hgetall(key));
    }

    private void select(int db) {
        connection.await(sendSelect(db));
    }

    private RedisFuture<String> sendSelect(int db) {
        return connection
                .async()
                .dispatch(
                        CommandType.SELECT,
                        new StatusOutput<>(ByteArrayCodec.INSTANCE),
                        new CommandArgs<>(ByteArrayCodec.INSTANCE).add(db));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
