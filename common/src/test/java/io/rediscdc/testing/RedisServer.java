package io.rediscdc.testing;

import io.rediscdc.format.ByteInput;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A redis-server of the machine on a free port, and one connection to it; both end with {@link #close}. */
public final class RedisServer implements AutoCloseable {

    private static final long START_DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final int port;
    private final Path directory;
    private final Process process;
    private final Socket socket;
    private final ReplyReader replies;

    /** Starts a server with further options, such as {@code --cluster-enabled yes}. */
    public RedisServer(String... options) throws IOException, InterruptedException {
        this("redis-server", List.of(options));
    }

    /** Starts a server of another build. */
    RedisServer(String executable, List<String> options) throws IOException, InterruptedException {
        port = freePort();
        directory = Files.createTempDirectory("redis-cdc-test");
        List<String> command = new ArrayList<>(List.of(
                executable,
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                directory.toString()));
        command.addAll(options);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        socket = connect();
        replies = new ReplyReader(input(socket));
    }

    public Reply call(byte[]... args) {
        try {
            socket.getOutputStream().write(RespWriter.command(args));
            return replies.next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Reply call(String... args) {
        try {
            socket.getOutputStream().write(RespWriter.command(args));
            return replies.next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A number of INFO, empty if it has no such field. */
    public OptionalLong info(String section, String field) {
        return call("INFO", section)
                .text()
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(field.length() + 1).trim()))
                .findFirst();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        process.destroyForcibly();
        process.onExit().join();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    public int port() {
        return port;
    }

    /** As {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Ends it as kill -9 does; {@link #close} is still due. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Sends its process a signal, such as -STOP and -CONT. */
    public void signal(String signal) {
        try {
            new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** A connection of the caller's own. */
    public Socket open() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** What comes from a connection. */
    public static ByteInput input(Socket socket) throws IOException {
        return new SocketInput(socket.getInputStream());
    }

    private Socket connect() throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            try {
                return open();
            } catch (ConnectException e) {
                if (!process.isAlive() || System.nanoTime() - start > START_DEADLINE_NANOS) {
                    process.destroyForcibly();
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    static int freePort() throws IOException {
        // Cluster mode also takes the port 10000 above.
        for (int attempt = 0; attempt < 100; attempt++) {
            try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (probe.getLocalPort() < 55_000) {
                    return probe.getLocalPort();
                }
            }
        }
        throw new IOException("no free port below 55000");
    }

    private static final class SocketInput extends ByteInput {

        private final InputStream in;

        SocketInput(InputStream in) {
            super(new byte[16 * 1024], 0, 0);
            this.in = in;
        }

        @Override
        protected void refill() throws IOException {
            int n = in.read(window);
            if (n < 0) {
                throw new EOFException("server hung up");
            }
            next = 0;
            limit = n;
        }
    }
}
