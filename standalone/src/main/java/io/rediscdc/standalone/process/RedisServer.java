package io.rediscdc.standalone.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A redis-server of our own on a free port of 127.0.0.1. Without options it keeps nothing on disk, allows DEBUG and
 * ends without waiting for replicas; later options replace earlier ones. Options are written to a config file, not to
 * the command line, where everybody could read a password.
 */
public final class RedisServer extends ServerProcess {

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(20);

    private final RedisBinary binary;
    private final Path directory;
    private final boolean temporary;
    private final int port;
    private final List<String> options;

    private RedisServer(RedisBinary binary, Path directory, boolean temporary, int port, List<String> options) {
        super(STOP);
        this.binary = binary;
        this.directory = directory.toAbsolutePath();
        this.temporary = temporary;
        this.port = port;
        this.options = List.copyOf(options);
    }

    /**
     * A running server in a temporary directory that goes with it.
     *
     * @param options as on redis-server's command line: {@code "--requirepass", "x"}
     */
    public static RedisServer running(String... options) {
        return started(new RedisServer(
                RedisBinary.find(),
                Directories.temporary("redis-cdc-redis"),
                true,
                LocalPorts.free(),
                List.of(options)));
    }

    /** A running server that keeps its files in the given directory. */
    public static RedisServer running(Path directory, String... options) {
        return running(RedisBinary.find(), directory, LocalPorts.free(), List.of(options));
    }

    /** A running server of the given build, in the given directory, on the given port. */
    public static RedisServer running(RedisBinary binary, Path directory, int port, List<String> options) {
        return started(new RedisServer(binary, directory, false, port, options));
    }

    private static RedisServer started(RedisServer server) {
        try {
            server.start();
            return server;
        } catch (ProcessException e) {
            server.close();
            throw e;
        }
    }

    public int port() {
        return port;
    }

    /** host:port */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** redis://host:port, without credentials. */
    public String uri() {
        return "redis://" + address();
    }

    public Path directory() {
        return directory;
    }

    public Path log() {
        return directory.resolve("redis.log");
    }

    /** Starts it after {@link #stop()} or {@link #kill()}: same port, same directory, same options. */
    @Override
    public void start() {
        requireStopped("redis-server on port " + port);
        Path config = directory.resolve("redis.conf");
        try {
            Files.createDirectories(directory);
            Files.writeString(config, config());
            Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new ProcessException("cannot write " + config + ": " + e.getMessage(), e);
        }
        List<String> command = new ArrayList<>(List.of(binary.path().toString(), config.toString()));
        if (options.contains("--sentinel")) {
            command.add("--sentinel");
        }
        started(ChildProcess.start("redis-server " + port, command, Map.of(), directory, log()));
        process().awaitReady(this::isReady, START);
    }

    @Override
    public void close() {
        super.close();
        if (temporary) {
            Directories.delete(directory);
        }
    }

    private String config() {
        List<String> lines = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                "port " + port,
                "dir " + quoted(directory.toString()),
                "save \"\"",
                "appendonly no",
                "daemonize no"));
        if (binary.majorVersion() >= 7) {
            lines.add("enable-debug-command yes");
            lines.add("shutdown-timeout 0");
        }
        StringBuilder line = new StringBuilder();
        for (String option : options) {
            if (option.equals("--sentinel")) {
                continue;
            }
            if (option.startsWith("--")) {
                lines.add(line.toString());
                line = new StringBuilder(option.substring(2));
            } else {
                line.append(' ').append(quoted(option));
            }
        }
        lines.add(line.toString());
        return String.join("\n", lines) + "\n";
    }

    /** As sdssplitargs (sds.c) reads it. */
    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** It answers a PING with anything but -LOADING; a refusal for want of a password will do. */
    private boolean isReady() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            String reply = new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
            return reply.equals("+PONG") || reply.equals("-NOAU");
        } catch (IOException e) {
            // TLS only, for example
            return process().output().contains("Ready to accept connections");
        }
    }
}
