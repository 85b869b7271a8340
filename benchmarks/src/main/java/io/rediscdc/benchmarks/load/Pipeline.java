package io.rediscdc.benchmarks.load;

import io.rediscdc.standalone.redis.RedisConnection;
import java.nio.charset.StandardCharsets;

/** Commands sent many at a time; their replies are read and, but for errors, forgotten. One thread at a time. */
public final class Pipeline {

    private static final int FLUSH_COMMANDS = 256;
    private static final int FLUSH_BYTES = 1 << 20;

    private final RedisConnection connection;
    private int unread;
    private long unsentBytes;

    public Pipeline(RedisConnection connection) {
        this.connection = connection;
    }

    /** Adds a command; now and then sends what has come together, and waits for the replies. */
    public void add(byte[]... words) {
        connection.send(words);
        unread++;
        for (byte[] word : words) {
            unsentBytes += word.length;
        }
        if (unread == FLUSH_COMMANDS || unsentBytes > FLUSH_BYTES) {
            flush();
        }
    }

    /** As {@link #add(byte[]...)}, in UTF-8. */
    public void add(String... words) {
        byte[][] command = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            command[i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        add(command);
    }

    /** Sends the rest and waits for all replies. */
    public void flush() {
        connection.flush();
        for (; unread > 0; unread--) {
            connection.read();
        }
        unsentBytes = 0;
    }
}
