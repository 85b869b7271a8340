package io.rediscdc.standalone.compare;

import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisErrorException;
import io.rediscdc.standalone.redis.RedisUri;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A connection to each end, in databases that correspond, on which the same commands run side by side. */
final class ServerPair implements AutoCloseable {

    /** Two replies to the same command; an error is a reply, too. */
    record Replies(Object source, Object target) {}

    final RedisConnection source;
    final RedisConnection target;

    ServerPair(RedisUri source, RedisUri target) {
        this.source = RedisConnection.open(source);
        try {
            this.target = RedisConnection.open(target);
        } catch (RuntimeException e) {
            this.source.close();
            throw e;
        }
    }

    void select(int sourceDatabase, int targetDatabase) {
        source.call("SELECT", Integer.toString(sourceDatabase));
        target.call("SELECT", Integer.toString(targetDatabase));
    }

    void send(byte[]... command) {
        source.send(command);
        target.send(command);
    }

    void flush() {
        source.flush();
        target.flush();
    }

    Replies read() {
        return new Replies(read(source), read(target));
    }

    Replies call(byte[]... command) {
        send(command);
        flush();
        return read();
    }

    /** Runs commands in one round trip. */
    List<Replies> callAll(List<byte[][]> commands) {
        commands.forEach(this::send);
        flush();
        List<Replies> replies = new ArrayList<>(commands.size());
        for (int i = 0; i < commands.size(); i++) {
            replies.add(read());
        }
        return replies;
    }

    /** True if both ends know the command; it is tried with arguments that change nothing. */
    boolean bothKnow(String... command) {
        byte[][] words = new byte[command.length][];
        for (int i = 0; i < words.length; i++) {
            words[i] = bytes(command[i]);
        }
        Replies replies = call(words);
        return !isUnknown(replies.source()) && !isUnknown(replies.target());
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isUnknown(Object reply) {
        return reply instanceof RedisErrorException error && error.isUnknownCommand();
    }

    private static Object read(RedisConnection connection) {
        try {
            return connection.read();
        } catch (RedisErrorException e) {
            return e;
        }
    }

    @Override
    public void close() {
        source.close();
        target.close();
    }
}
