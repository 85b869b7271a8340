package io.rediscdc.sink;

import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A target, and a sink that takes large commands in one of its two ways. */
abstract class LargeCommandBed {

    /** What the sink does with the pieces of a command. */
    enum Way {
        /** Holds them until the last one is there. */
        HELD,
        /** Holds little, and sends them to the target as they come. */
        STREAMED
    }

    static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    static final String TEXT = "0123456789".repeat(300);

    final Feed feed = new Feed();
    RedisServer server;
    RedisCommands<String, String> redis;
    SinkRun run;

    private final Way way;

    LargeCommandBed(Way way) {
        this.way = way;
    }

    @BeforeEach
    void start() {
        begin(RedisServer.start());
    }

    void begin(RedisServer target) {
        server = target;
        redis = server.commands();
        run = new SinkRun(server).with("redis.command.timeout.ms", "3000");
        if (way == Way.STREAMED) {
            run.with("transaction.max.bytes", "1024");
        }
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static String[] hset(int fields) {
        String[] hset = new String[2 + 2 * fields];
        hset[0] = "HSET";
        hset[1] = "hash";
        for (int i = 0; i < fields; i++) {
            hset[2 + 2 * i] = "f" + i;
            hset[3 + 2 * i] = "v" + i;
        }
        return hset;
    }
}
