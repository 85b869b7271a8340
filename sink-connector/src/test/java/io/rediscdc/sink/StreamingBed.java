package io.rediscdc.sink;

import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A target that large commands are sent to as they come: little is held. */
abstract class StreamingBed {

    static final String TEXT = "0123456789".repeat(300);

    final Feed feed = new Feed();
    RedisServer server;
    RedisCommands<String, String> redis;
    SinkRun run;

    @BeforeEach
    void start() {
        begin(RedisServer.start());
    }

    void begin(RedisServer target) {
        server = target;
        redis = server.commands();
        run = new SinkRun(server).with("redis.command.timeout.ms", "3000").with("transaction.max.bytes", "1024");
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
