package io.rediscdc.standalone.demo;

import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisErrorException;
import io.rediscdc.standalone.redis.RedisUri;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** An application, so to say: writes to a server that holds {@link SampleData}, with many commands, until stopped. */
public final class LiveWriter implements AutoCloseable {

    private static final int BURST = 20;
    private static final long PAUSE_MS = 10;

    private final RedisUri server;
    private final Random random = new Random(11);
    private final AtomicLong written = new AtomicLong();
    private final Thread thread = new Thread(this::run, "live-writer");
    private volatile boolean stopped;
    private volatile RuntimeException failure;

    /** Starts writing at once. */
    public LiveWriter(RedisUri server) {
        this.server = server;
        thread.setDaemon(true);
        thread.start();
    }

    /** Commands so far. */
    public long written() {
        return written.get();
    }

    /** Ends it after the command it is at; what it has written stays. */
    @Override
    public void close() {
        stopped = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            // Not the same exception twice: this may be called again while it is on its way.
            throw new IllegalStateException("the sample application failed: " + failure.getMessage(), failure);
        }
    }

    private void run() {
        try (RedisConnection connection = RedisConnection.open(server)) {
            while (!stopped) {
                connection.call("SELECT", new String[] {"0", "1", "5"}[random.nextInt(3)]);
                for (int i = 0; i < BURST; i++) {
                    write(connection);
                    written.incrementAndGet();
                }
                Thread.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = stopped ? null : e;
        }
    }

    private void write(RedisConnection c) {
        // As in SampleData: the last digit tells the type.
        int n = random.nextInt(300) * 10;
        String number = Integer.toString(n);
        switch (random.nextInt(28)) {
            case 0 -> c.call("INCR", "counter:" + n);
            case 1 -> c.call("APPEND", "session:" + (n + 1), "+" + number);
            case 2 -> c.call("HINCRBY", "user:" + (n + 2), "visits", "1");
            case 3 -> c.call("LPUSH", "queue:" + (n + 3), number);
            case 4 -> c.call("LMOVE", "queue:" + (n + 3), "queue:" + ((n + 13) % 3000), "LEFT", "RIGHT");
            case 5 -> c.call("SPOP", "tags:" + (n + 4));
            case 6 -> c.call("SADD", "tags:" + (n + 4), number, "blue");
            case 7 -> c.call("SMOVE", "ids:" + (n + 5), "ids:" + ((n + 15) % 3000), "70000");
            case 8 -> c.call("ZINCRBY", "rank:" + (n + 6), "0.1", "a");
            case 9 -> c.call("ZUNIONSTORE", "rank:all", "2", "rank:" + (n + 6), "large:zset", "AGGREGATE", "MAX");
            case 10 -> c.call("GEOADD", "places:" + (n + 7), "8.54", "47.37", "Zürich");
            case 11 -> c.call("PFADD", "visitors:" + (n + 8), number, Integer.toString(random.nextInt()));
            case 12 -> c.call("PFMERGE", "visitors:all", "visitors:" + (n + 8));
            case 13 -> c.call("BITOP", "XOR", "flags:all", "flags:" + (n + 9), "flags:" + (n + 19) % 3000);
            case 14 -> c.call("SETRANGE", "session:" + (n + 1), "7", number);
            case 15 -> c.call("SET", "temporary:" + n, number, "PX", Integer.toString(200 + random.nextInt(3000)));
            case 16 -> c.call("EXPIRE", "user:" + (n + 2), "5000");
            case 17 -> c.call("PERSIST", "session:" + (n + 1));
            case 18 -> c.call("DEL", "counter:" + n);
            case 19 -> c.call("COPY", "user:" + (n + 2), "copy:" + n, "REPLACE");
            case 20 -> stream(c, "events:" + random.nextInt(20));
            case 21 -> c.call("XTRIM", "events:" + random.nextInt(20), "MAXLEN", "50");
            case 22 -> transaction(c, n);
            case 23 ->
                c.call(
                        "EVAL",
                        "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('INCR', KEYS[2])",
                        "2",
                        "script:" + n,
                        "script:count",
                        number);
            case 24 -> c.call("FCALL", "touch", "1", "touched:" + n);
            case 25 -> c.call("GETEX", "session:" + (n + 1), "EX", "9000");
            case 26 -> c.call("UNLINK", "copy:" + n, "script:" + n);
            default -> c.call("SET", "new:" + random.nextInt(100_000), "value " + number);
        }
    }

    private static void stream(RedisConnection c, String stream) {
        c.call("XADD", stream, "*", "kind", "live");
        try {
            c.call("XREADGROUP", "GROUP", "workers", "w3", "COUNT", "1", "STREAMS", stream, ">");
        } catch (RedisErrorException e) {
            // In the databases without groups.
            c.call("XGROUP", "CREATE", stream, "workers", "0");
        }
    }

    private static void transaction(RedisConnection c, int n) {
        c.call("MULTI");
        c.call("INCRBY", "account:" + n, "-10");
        c.call("INCRBY", "account:" + (n + 10), "10");
        c.call("LPUSH", "transfers", n + ">" + (n + 10));
        c.call("LTRIM", "transfers", "0", "999");
        c.call("EXEC");
    }
}
