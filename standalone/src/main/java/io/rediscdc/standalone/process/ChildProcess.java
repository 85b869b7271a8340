package io.rediscdc.standalone.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A server that runs as a process of its own and never longer than this JVM: an orderly end stops it (latest started
 * first), and if this JVM is killed, the child notices that its standard input ends. It stands in a session of its own,
 * so that a Ctrl-C in the terminal reaches only us, who then stop things in order.
 *
 * <p>Output goes to a log file, appended. Environment variables starting with {@code REDIS_CDC_} (passwords may be
 * among them) are handed on only where the caller says so.
 */
public final class ChildProcess implements AutoCloseable {

    private static final Duration KILL_WAIT = Duration.ofSeconds(10);
    private static final long KEEP_LOG_BYTES = 16 << 20;
    private static final int TAIL_LINES = 15;

    /**
     * $1.. is the command, which takes over this shell's process id. What waits in the background for the end of our
     * standard input ends by itself when the command does, since then we close it.
     */
    private static final String GUARD =
            """
            exec 3<&0 </dev/null
            ( trap '' INT HUP QUIT
              cat <&3 >/dev/null
              kill -TERM $$ || exit 0
              for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 1; kill -0 $$ || exit 0; done
              kill -KILL $$ ) 2>/dev/null &
            exec 3<&-
            command -v setsid >/dev/null && exec setsid "$@"
            command -v perl >/dev/null && exec perl -MPOSIX -e 'POSIX::setsid(); exec {$ARGV[0]} @ARGV' "$@"
            trap '' INT
            exec "$@"
            """;

    private final String name;
    private final Process process;
    private final Path log;
    private final long logStart;
    private final Runnable atExit = this::close;

    private ChildProcess(String name, Process process, Path log, long logStart) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.logStart = logStart;
    }

    /**
     * Starts a command.
     *
     * @param name what messages call it
     * @param command program and arguments; never with a secret in it, since everybody can list them
     * @param environment added to ours
     * @param directory where it runs; created if missing
     * @param log file for its output; created, appended to, or set aside when it has become large
     */
    public static ChildProcess start(
            String name, List<String> command, Map<String, String> environment, Path directory, Path log) {
        try {
            Files.createDirectories(directory);
            if (Files.exists(log) && Files.size(log) > KEEP_LOG_BYTES) {
                Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            long logStart = Files.exists(log) ? Files.size(log) : 0;
            List<String> guarded = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, name.replace(' ', '-')));
            guarded.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(guarded)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().keySet().removeIf(key -> key.startsWith("REDIS_CDC_"));
            builder.environment().putAll(environment);
            ChildProcess child = new ChildProcess(name, builder.start(), log, logStart);
            AtExit.run(child.atExit);
            return child;
        } catch (IOException e) {
            throw new ProcessException(name + " cannot be started: " + e.getMessage(), e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it ended with; it must have ended. */
    public int exitCode() {
        return process.exitValue();
    }

    public Path log() {
        return log;
    }

    /** Waits until the condition holds; fails as soon as the process has ended, or when the time is over. */
    public void awaitReady(BooleanSupplier ready, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!ready.getAsBoolean()) {
            if (!process.isAlive()) {
                throw new ProcessException(
                        name + " ended with exit code " + process.exitValue() + " while starting" + tail());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new ProcessException(name + " did not start within " + timeout.toSeconds() + " s" + tail());
            }
            pause(20);
        }
    }

    /** What it has written since this start. */
    public String output() {
        return read(logStart);
    }

    /** The last lines of its output, as the end of a message. */
    public String tail() {
        List<String> lines = output().lines().filter(line -> !line.isBlank()).toList();
        if (lines.isEmpty()) {
            return "; it wrote nothing to " + log;
        }
        List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
        return "; last lines of " + log + ":\n    " + String.join("\n    ", last);
    }

    /** Asks it to end (SIGTERM), and kills it if it has not ended in time. True if it ended by itself. */
    public boolean terminate(Duration patience) {
        process.destroy();
        boolean ended = waitFor(patience);
        kill();
        return ended;
    }

    /** kill -9; returns when it is gone. */
    public void kill() {
        process.destroyForcibly();
        boolean gone = waitFor(KILL_WAIT);
        AtExit.forget(atExit);
        if (!gone) {
            throw new ProcessException(name + " (pid " + pid() + ") does not die");
        }
    }

    @Override
    public void close() {
        terminate(KILL_WAIT);
    }

    /** Waits even when this thread is interrupted: a child left behind would be worse than a late answer. */
    private boolean waitFor(Duration patience) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                try {
                    return process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private String read(long from) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(from, file.length() - (1 << 20));
            byte[] bytes = new byte[(int) Math.max(0, file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + log + " cannot be read: " + e.getMessage() + ")";
        }
    }

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessException("interrupted", e);
        }
    }
}
