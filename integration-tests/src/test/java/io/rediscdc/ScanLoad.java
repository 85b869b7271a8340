package io.rediscdc;

import io.rediscdc.standalone.process.RedisServer;
import java.util.Random;

/**
 * Writes to several databases of a server, all kinds of changes to few keys, until it is closed. What has an expire time then
 * gets a far one: two servers do not remove an expired key at the same moment, and DEBUG DIGEST would tell.
 */
final class ScanLoad implements AutoCloseable {

    private static final String FAR = "for _, key in ipairs(redis.call('KEYS', '*')) do"
            + " if redis.call('PTTL', key) > 0 then redis.call('PEXPIREAT', key, 4102444800000) end end";

    private final Thread thread;
    private volatile boolean ended;

    ScanLoad(RedisServer server) {
        thread = new Thread(() -> write(server));
    }

    void start() {
        thread.start();
    }

    private void write(RedisServer server) {
        Random random = new Random(11);
        try (RedisClientOf redis = new RedisClientOf(server)) {
            while (!ended) {
                redis.call("SELECT", new int[] {0, 3, 7}[random.nextInt(3)]);
                String key = "load:" + random.nextInt(500);
                String other = "load:" + random.nextInt(500);
                switch (random.nextInt(10)) {
                    case 0 -> redis.call("DEL", key);
                    case 1 -> redis.call("SET", key, random.nextInt(), "PX", 20 + random.nextInt(500));
                    case 2 -> redis.call("COPY", key, other, "REPLACE");
                    case 3 ->
                        redis.call(
                                "EVAL",
                                "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('RENAME', KEYS[1],"
                                        + " KEYS[2]) end",
                                2,
                                key,
                                other);
                    case 4 -> redis.call("MOVE", key, 9);
                    case 5 -> redis.call("PERSIST", key);
                    case 6 -> redis.call("PEXPIRE", key, 200 + random.nextInt(100_000));
                    default -> redis.call("SET", key, random.nextInt());
                }
            }
            for (int db : new int[] {0, 3, 7, 9}) {
                redis.call("SELECT", db);
                redis.call("EVAL", FAR, 0);
            }
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
