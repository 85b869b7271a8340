package io.rediscdc;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.standalone.process.RedisServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** One connection to a server, on which any command can be said. An error reply is thrown. */
final class RedisClientOf implements AutoCloseable {

    private static final int KEYS_AT_ONCE = 1_000;

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
        return connection.sync().dispatch(keyword(args), new AnyOutput(), rest(args));
    }

    /** Not within a transaction: there its reply comes with that of EXEC. */
    private RedisFuture<Object> send(Object... args) {
        return connection.async().dispatch(keyword(args), new AnyOutput(), rest(args));
    }

    private Object await(RedisFuture<Object> reply) {
        return LettuceFutures.awaitOrCancel(reply, connection.getTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static CommandArgs<byte[], byte[]> rest(Object... args) {
        CommandArgs<byte[], byte[]> rest = new CommandArgs<>(ByteArrayCodec.INSTANCE);
        for (int i = 1; i < args.length; i++) {
            rest.add(
                    args[i] instanceof byte[] bytes ? bytes : args[i].toString().getBytes(StandardCharsets.UTF_8));
        }
        return rest;
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

    /** How often the server has run this command since it started, by whomever. */
    long calls(String command) {
        return Long.parseLong(info("commandstats", "cmdstat_" + command).replaceFirst("calls=(\\d+),.*", "$1"));
    }

    String digest() {
        return text("DEBUG", "DIGEST");
    }

    /**
     * Of each key of the selected database, by name, the digest of its value and when it expires; without what is reserved. In few
     * round trips, since tests look again and again.
     */
    Map<String, String> contents() {
        List<Object> keys = new ArrayList<>();
        for (Object key : (List<?>) call("KEYS", "*")) {
            if (!textOf(key).startsWith(ChangeKey.RESERVED_PREFIX)) {
                keys.add(key);
            }
        }
        Map<String, String> contents = new TreeMap<>();
        for (int from = 0; from < keys.size(); from += KEYS_AT_ONCE) {
            addContents(contents, keys.subList(from, Math.min(keys.size(), from + KEYS_AT_ONCE)));
        }
        return contents;
    }

    private void addContents(Map<String, String> contents, List<Object> keys) {
        List<Object> command = new ArrayList<>(List.of("DEBUG", "DIGEST-VALUE"));
        command.addAll(keys);
        RedisFuture<Object> digests = send(command.toArray());
        List<RedisFuture<Object>> times =
                keys.stream().map(key -> send("PEXPIRETIME", key)).toList();
        List<?> values = (List<?>) await(digests);
        for (int i = 0; i < keys.size(); i++) {
            contents.put(textOf(keys.get(i)), textOf(values.get(i)) + " " + textOf(await(times.get(i))));
        }
    }

    private static ProtocolKeyword keyword(Object... args) {
        byte[] name = args[0].toString().getBytes(StandardCharsets.UTF_8);
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
