package io.rediscdc;

import io.rediscdc.standalone.process.RedisServer;
import java.util.Random;

/** Adds and removes members of a set, one after the other, until it is closed. */
final class SetLoad implements AutoCloseable {

    private final Thread thread;
    private volatile boolean ended;
    private volatile long changes;

    /** @param members what they are called: {@code member:} and a number below twice that */
    SetLoad(RedisServer server, String key, int members) {
        thread = new Thread(() -> write(server, key, 2 * members));
    }

    void start() {
        thread.start();
    }

    long changes() {
        return changes;
    }

    private void write(RedisServer server, String key, int bound) {
        Random random = new Random(5);
        try (RedisClientOf redis = new RedisClientOf(server)) {
            while (!ended) {
                redis.call(random.nextBoolean() ? "SADD" : "SREM", key, "member:" + random.nextInt(bound));
                changes = changes + 1;
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
