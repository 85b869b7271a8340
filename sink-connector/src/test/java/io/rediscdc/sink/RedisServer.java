package io.rediscdc.sink;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A redis-server from PATH on a free port, and a connection to look into it. */
final class RedisServer implements AutoCloseable {

    private final int port;
    private final Path directory;
    private final String binary;
    private final String[] options;
    private Process process;
    private RedisClient client;
    private StatefulRedisConnection<String, String> connection;
    private StatefulRedisConnection<byte[], byte[]> bytes;

    private RedisServer(int port, Path directory, String binary, String... options) {
        this.binary = binary;
        this.port = port;
        this.directory = directory;
        this.options = options;
    }

    static RedisServer start(String... options) {
        try {
            RedisServer server = new RedisServer(
                    freePort(), Files.createTempDirectory("redis-cdc-sink-test"), "redis-server", allOptions(options));
            server.launch();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of the servers that libraries for tests bring along. */
    static RedisServer startOf(String resource) {
        try (InputStream in = RedisServer.class.getResourceAsStream("/" + resource)) {
            Path directory = Files.createTempDirectory("redis-cdc-sink-test");
            Path binary = directory.resolve("redis-server");
            Files.copy(in, binary);
            Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwx------"));
            RedisServer server = new RedisServer(freePort(), directory, binary.toString());
            server.launch();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String[] allOptions(String... more) {
        return Stream.concat(Stream.of("--enable-debug-command", "yes"), Stream.of(more))
                .toArray(String[]::new);
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** Commands of a connection of the test's own. */
    RedisCommands<String, String> commands() {
        if (connection == null) {
            client = RedisClient.create(RedisURI.create("127.0.0.1", port));
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
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void launch() {
        List<String> command = new ArrayList<>(List.of(
                binary,
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                directory.toString(),
                "--save",
                "",
                "--daemonize",
                "no"));
        command.addAll(List.of(options));
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            awaitPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitPort() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException(
                            "redis-server does not start:\n" + Files.readString(directory.resolve("log")), e);
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
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
        kill();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
