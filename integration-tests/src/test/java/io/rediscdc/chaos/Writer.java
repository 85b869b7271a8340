package io.rediscdc.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisUri;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Writes commands that nobody may lose or repeat, to whoever is master, until it is closed. A server that dies is no
 * failure of its; whether the commands under way then were executed does not matter to what is compared at the end.
 */
final class Writer implements AutoCloseable {

    /** Counters between which money goes to and fro: their sum is 0 at all times. */
    static final int ACCOUNTS = 20;

    private static final int KEYS = 60;
    private static final int MOST_AT_ONCE = 20;
    private static final String TRANSFER =
            """
            redis.call('DECRBY', KEYS[1], ARGV[1])
            redis.call('INCRBY', KEYS[2], ARGV[1])
            return redis.call('APPEND', KEYS[3], ARGV[1])
            """;

    private final Supplier<RedisUri> master;
    private final Random random;
    private final ReentrantLock pause = new ReentrantLock(true);
    private final Thread thread = new Thread(this::run, "chaos-writer");
    private volatile boolean closed;
    private final AtomicLong commands = new AtomicLong();
    private volatile RuntimeException failure;
    private int replies;

    Writer(Supplier<RedisUri> master, long seed) {
        this.master = master;
        this.random = new Random(seed);
        thread.start();
    }

    static String account(int number) {
        return "account:" + number;
    }

    /** Commands that were acknowledged. */
    long commands() {
        return commands.get();
    }

    /** Returns when nothing is under way. The same thread must {@link #resume()}. */
    void pause() {
        pause.lock();
    }

    void resume() {
        pause.unlock();
    }

    /** @throws IllegalStateException if a server refused what was written */
    void check() {
        if (failure != null) {
            throw new IllegalStateException("the writer failed", failure);
        }
    }

    /** Returns when it has ended. */
    void stop() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }

    private void run() {
        while (!closed && failure == null) {
            try (RedisConnection connection = RedisConnection.open(master.get())) {
                connection.call("CLIENT", "SETNAME", "chaos-writer");
                write(connection);
            } catch (RedisConnectionException e) {
                sleep(20);
            } catch (RuntimeException e) {
                failure = e;
            }
        }
    }

    private void write(RedisConnection connection) {
        while (!closed) {
            pause.lock();
            try {
                writeSome(connection);
            } finally {
                pause.unlock();
            }
            // Now and then nothing for a while, so that each record is a transaction of Kafka's.
            sleep(random.nextInt(200) == 0 ? 500 : random.nextInt(12));
        }
    }

    private void writeSome(RedisConnection connection) {
        replies = 0;
        int written = 1 + random.nextInt(MOST_AT_ONCE);
        for (int i = 0; i < written; i++) {
            one(connection);
        }
        connection.flush();
        while (replies-- > 0) {
            connection.read();
        }
        commands.addAndGet(written);
    }

    private void one(RedisConnection connection) {
        switch (random.nextInt(12)) {
            case 0 -> send(connection, "INCR", key("counter"));
            case 1 -> send(connection, "INCRBYFLOAT", key("float"), "0.25");
            case 2 -> send(connection, "APPEND", key("text"), "word ");
            case 3 -> send(connection, "LPUSH", key("list"), "" + random.nextInt());
            case 4 -> send(connection, "XADD", key("stream"), "*", "n", "" + random.nextInt());
            case 5 -> send(connection, "LMOVE", key("list"), key("list"), "RIGHT", "LEFT");
            case 6, 7 -> transfer(connection);
            case 8 -> script(connection);
            case 9 -> send(connection, "HINCRBY", key("hash"), "field:" + random.nextInt(20), "3");
            case 10 -> send(connection, "SELECT", "" + 3 * random.nextInt(2));
            default -> rare(connection);
        }
    }

    private void rare(RedisConnection connection) {
        switch (random.nextInt(8)) {
            case 0 -> send(connection, "DEL", key("list"));
            case 1 -> send(connection, "DEL", key("text"), key("stream"));
            case 2 -> send(connection, "RENAME", existing(connection), "renamed");
            case 3 -> send(connection, "SPOP", key("set"));
            default -> send(connection, "SADD", key("set"), "" + random.nextInt(1000));
        }
    }

    private String existing(RedisConnection connection) {
        String key = key("renaming");
        send(connection, "SET", key, "x");
        return key;
    }

    private void transfer(RedisConnection connection) {
        int from = random.nextInt(ACCOUNTS);
        String amount = "" + (1 + random.nextInt(100));
        send(connection, "SELECT", "0");
        send(connection, "MULTI");
        send(connection, "DECRBY", account(from), amount);
        send(connection, "INCRBY", account((from + 1) % ACCOUNTS), amount);
        send(connection, "EXEC");
    }

    private void script(RedisConnection connection) {
        int from = random.nextInt(ACCOUNTS);
        send(connection, "SELECT", "0");
        send(
                connection,
                "EVAL",
                TRANSFER,
                "3",
                account(from),
                account((from + 7) % ACCOUNTS),
                key("text"),
                "" + (1 + random.nextInt(100)));
    }

    private String key(String kind) {
        return kind + ":" + random.nextInt(KEYS);
    }

    private void send(RedisConnection connection, String... words) {
        byte[][] command = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            command[i] = words[i].getBytes(UTF_8);
        }
        connection.send(command);
        replies++;
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
