package io.rediscdc;

import io.rediscdc.standalone.process.RedisServer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Adds and removes members of a set, one after the other, until it is stopped. */
final class SetLoad implements AutoCloseable {

    private final Thread thread;
    private volatile boolean ended;
    private final AtomicLong changes = new AtomicLong();

    /** @param members what they are called: {@code member:} and a number below twice that */
    SetLoad(RedisServer server, String key, int members) {
        thread = new Thread(() -> write(server, key, 2 * members));
    }

    void start() {
        thread.start();
    }

    long changes() {
        return changes.get();
    }

    private void write(RedisServer server, String key, int bound) {
        Random random = new Random(5);
        try (RedisClientOf redis = new RedisClientOf(server)) {
            while (!ended) {
                redis.call(random.nextBoolean() ? "SADD" : "SREM", key, "member:" + random.nextInt(bound));
                changes.incrementAndGet();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Returns once the last change has been made. */
    void stop() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
