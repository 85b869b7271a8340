package io.rediscdc.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A redis-server on a free port, in a directory of its own; both end with {@link #close}. It can be killed and started again, with
 * what it has saved. One thread at a time.
 */
public final class RedisProcess implements AutoCloseable {

    private static final long START_DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final int port;
    private final Path directory;
    private final List<String> command;
    private Process process;

    /**
     * Starts one, and waits until it listens.
     *
     * @param executable name on the PATH, or path
     * @param options as on its command line; they replace ours
     */
    public RedisProcess(String executable, List<String> options) throws IOException, InterruptedException {
        port = FreePort.next();
        directory = Files.createTempDirectory("redis-cdc-test");
        List<String> all = new ArrayList<>(List.of(
                executable,
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                directory.toString()));
        all.addAll(options);
        command = List.copyOf(all);
        launch();
    }

    /** Starts it again, where it was, and waits until it listens. */
    public void launch() throws IOException, InterruptedException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        long start = System.nanoTime();
        while (true) {
            try {
                open().close();
                return;
            } catch (ConnectException e) {
                if (!process.isAlive() || System.nanoTime() - start > START_DEADLINE_NANOS) {
                    process.destroyForcibly();
                    throw new IOException(command.get(0) + " does not start:\n" + Files.readString(log()), e);
                }
                Thread.sleep(20);
            }
        }
    }

    private Path log() {
        return directory.resolve("log");
    }

    public int port() {
        return port;
    }

    /** As {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** A connection of the caller's own. */
    public Socket open() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as kill -9 does: what was not saved is lost. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Sends it a signal, such as -STOP and -CONT. */
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

    @Override
    public void close() throws IOException {
        kill();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
