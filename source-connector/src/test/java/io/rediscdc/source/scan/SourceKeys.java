package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;

/** What stands at the source. */
final class SourceKeys {

    private final RedisServer source;

    SourceKeys(RedisServer source) {
        this.source = source;
    }

    /** A key of each type; some expire. */
    void fill(String prefix) {
        source.call("SET", prefix + "string", "x", "PXAT", "4000000000000");
        source.call("SET", prefix + "number", "42");
        source.call("RPUSH", prefix + "list", "a", "b", "a", "");
        source.call("SADD", prefix + "set", "a", "b", "c");
        source.call("SADD", prefix + "intset", "1", "2", "3");
        source.call("ZADD", prefix + "zset", "1.5", "a", "-inf", "b", "inf", "c");
        source.call("HSET", prefix + "hash", "f", "v", "g", "w");
        source.call("PFADD", prefix + "hll", "a", "b");
        for (int i = 1; i < 10; i++) {
            source.call("XADD", prefix + "stream", i + "-1", "field", "value" + i);
        }
        source.call("XDEL", prefix + "stream", "3-1");
        source.call("XGROUP", "CREATE", prefix + "stream", "group", "0");
        source.call("XREADGROUP", "GROUP", "group", "consumer", "COUNT", "3", "STREAMS", prefix + "stream", ">");
        source.call("EXPIREAT", prefix + "hash", "4000000000");
    }

    /** Of each type one that is larger than {@link ScanCaptureIT#SMALL_RECORD}. */
    void fillLarge() throws Exception {
        source.call("SET", "large-string", "x".repeat(300_000));
        try (Socket socket = source.open()) {
            RespBuffer commands = new RespBuffer(1 << 16);
            for (int i = 0; i < 10_000; i++) {
                String text = Integer.toString(i);
                commands.command("RPUSH", "large-list", text);
                commands.command("SADD", "large-set", "member" + text);
                commands.command("ZADD", "large-zset", text, "member" + text);
                commands.command("HSET", "large-hash", "field" + text, "value" + text);
                commands.command("XADD", "large-stream", (i + 1) + "-1", "field", "value" + text);
            }
            commands.command("EXPIREAT", "large-set", "4000000000");
            send(socket, commands, 50_001);
        }
    }

    /** Many small ones, on a connection of its own. */
    void populate(int keys) throws Exception {
        try (Socket socket = source.open()) {
            RespBuffer commands = new RespBuffer(1 << 16);
            for (int i = 0; i < keys; i++) {
                commands.command("SET", "key:" + i, "value " + i);
            }
            send(socket, commands, keys);
        }
    }

    /** The consumer groups of the stream, as a server has them. */
    static String groups(RedisServer of) {
        of.call("SELECT", "0");
        return text(of.call("XINFO", "GROUPS", "stream")) + text(of.call("XPENDING", "stream", "group"));
    }

    private static String text(Reply reply) {
        if (reply instanceof Reply.Array array) {
            return array.elements().stream().map(SourceKeys::text).toList().toString();
        }
        return reply instanceof Reply.Nil ? "nil" : reply.text();
    }

    private static void send(Socket socket, RespBuffer commands, int replies) throws Exception {
        Thread sender = new Thread(() -> {
            try {
                commands.writeTo(socket.getOutputStream());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        sender.start();
        ReplyReader reader = new ReplyReader(RedisServer.input(socket));
        for (int i = 0; i < replies; i++) {
            reader.next();
        }
        sender.join();
    }
}
