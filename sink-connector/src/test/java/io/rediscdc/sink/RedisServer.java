package io.rediscdc.sink;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.rediscdc.testing.RedisProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A redis-server, and a connection of Lettuce to look into it; that of {@code io.rediscdc.testing} has its own RESP instead. */
final class RedisServer implements AutoCloseable {

    private final RedisProcess process;

    /** Brought along for this server; null if it is the machine's. */
    private final Path binary;

    private RedisClient client;
    private StatefulRedisConnection<String, String> connection;
    private StatefulRedisConnection<byte[], byte[]> bytes;

    private RedisServer(String executable, Path binary, List<String> options) throws IOException {
        this.binary = binary;
        try {
            process = new RedisProcess(executable, options);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static RedisServer start(String... options) {
        try {
            List<String> all = Stream.concat(Stream.of("--enable-debug-command", "yes"), Stream.of(options))
                    .toList();
            return new RedisServer("redis-server", null, all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of the servers that libraries for tests bring along. */
    static RedisServer startOf(String resource) {
        try (InputStream in = RedisServer.class.getResourceAsStream("/" + resource)) {
            Path binary = Files.createTempDirectory("redis-cdc-sink-test").resolve("redis-server");
            Files.copy(in, binary);
            Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwx------"));
            return new RedisServer(binary.toString(), binary, List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return process.port();
    }

    String address() {
        return process.address();
    }

    /** Commands of a connection of the test's own. */
    RedisCommands<String, String> commands() {
        if (connection == null) {
            client = RedisClient.create(RedisURI.create("127.0.0.1", port()));
            connection = client.connect();
        }
        return connection.sync();
    }

    /** The same, for keys that are no text. */
    RedisCommands<byte[], byte[]> bytes() {
        if (bytes == null) {
            commands();
            bytes = client.connect(ByteArrayCodec.INSTANCE);
        }
        return bytes.sync();
    }

    /** Stops it as kill -9 does: what was not saved is lost. */
    void kill() {
        closeClient();
        process.kill();
    }

    /** Starts it again. */
    void launch() {
        try {
            process.launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void closeClient() {
        if (client != null) {
            client.shutdown(0, 1, TimeUnit.SECONDS);
            client = null;
            connection = null;
            bytes = null;
        }
    }

    @Override
    public void close() {
        closeClient();
        try {
            process.close();
            if (binary != null) {
                Files.delete(binary);
                Files.delete(binary.getParent());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
