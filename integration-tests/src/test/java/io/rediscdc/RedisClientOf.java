package io.rediscdc;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.rediscdc.standalone.process.RedisServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** One connection to a server, on which any command can be said. An error reply is thrown. */
final class RedisClientOf implements AutoCloseable {

    private final RedisClient client;
    private final StatefulRedisConnection<byte[], byte[]> connection;

    RedisClientOf(RedisServer server) {
        this(server, null);
    }

    /** @param password null for none */
    RedisClientOf(RedisServer server, String password) {
        this(server.uri(), password);
    }

    /** As the other one. */
    RedisClientOf(String address, String password) {
        RedisURI uri = RedisURI.create(address);
        // DEBUG DIGEST and the like take their time where there is much.
        uri.setTimeout(Duration.ofMinutes(10));
        if (password != null) {
            uri.setCredentialsProvider(new StaticCredentialsProvider(null, password.toCharArray()));
        }
        client = RedisClient.create(uri);
        connection = client.connect(ByteArrayCodec.INSTANCE);
    }

    /** Arguments are texts or byte arrays. */
    Object call(Object... args) {
        CommandArgs<byte[], byte[]> rest = new CommandArgs<>(ByteArrayCodec.INSTANCE);
        for (int i = 1; i < args.length; i++) {
            rest.add(
                    args[i] instanceof byte[] bytes ? bytes : args[i].toString().getBytes(StandardCharsets.UTF_8));
        }
        byte[] name = args[0].toString().getBytes(StandardCharsets.UTF_8);
        return connection.sync().dispatch(keyword(name), new AnyOutput(), rest);
    }

    byte[] bytes(Object... args) {
        Object reply = call(args);
        return reply instanceof byte[] bytes ? bytes : textOf(reply).getBytes(StandardCharsets.UTF_8);
    }

    String text(Object... args) {
        return textOf(call(args));
    }

    static String textOf(Object reply) {
        if (reply instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        if (reply instanceof ByteBuffer buffer) {
            return StandardCharsets.UTF_8.decode(buffer).toString();
        }
        if (reply instanceof List<?> list) {
            return list.stream().map(RedisClientOf::textOf).toList().toString();
        }
        return String.valueOf(reply);
    }

    long number(Object... args) {
        return Long.parseLong(text(args));
    }

    /** A field of INFO. */
    String info(String section, String field) {
        for (String line : text("INFO", section).split("\r\n", -1)) {
            if (line.startsWith(field + ":")) {
                return line.substring(field.length() + 1);
            }
        }
        throw new AssertionError("INFO " + section + " has no " + field);
    }

    String digest() {
        return text("DEBUG", "DIGEST");
    }

    private static ProtocolKeyword keyword(byte[] name) {
        return new ProtocolKeyword() {
            @Override
            public byte[] getBytes() {
                return name;
            }

            @Override
            public String toString() {
                return new String(name, StandardCharsets.UTF_8);
            }
        };
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown();
    }
}
