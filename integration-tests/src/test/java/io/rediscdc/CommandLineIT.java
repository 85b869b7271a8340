package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code redis-cdc} as a person runs it. */
class CommandLineIT {

    @TempDir
    Path directory;

    @Test
    void withoutArgumentsItShowsTheMainJobOnServersOfItsOwn() throws Exception {
        Run run = run("replicate");
        assertThat(run.awaitExit()).as(run.output()).isZero();
        assertThat(run.output()).contains("Comparison: equal", "caught up");
    }

    @Test
    void aSnapshotLeavesTheTargetAsTheSourceAndNothingElse() throws Exception {
        try (RedisServer from = RedisServer.running("--enable-debug-command", "yes");
                RedisServer to = RedisServer.running("--enable-debug-command", "yes", "--requirepass", "p@ss");
                RedisClientOf source = new RedisClientOf(from);
                RedisClientOf target = new RedisClientOf(to, "p@ss")) {
            new LiveMix(source, "x").run();
            source.call("DEBUG", "POPULATE", "30000", "key", "100");

            Run run = run("replicate", from.uri(), "redis://:p%40ss@" + to.address(), "--mode", "snapshot");

            assertThat(run.awaitExit()).as(run.output()).isZero();
            assertThat(target.digest()).isEqualTo(source.digest());
            assertThat(target.text("DBSIZE")).isEqualTo(source.text("DBSIZE"));
            assertThat(run.output()).doesNotContain("p@ss").doesNotContain("p%40ss");
        }
    }

    @Test
    void liveModeContinuesAfterCtrlC() throws Exception {
        try (RedisServer from = RedisServer.running("--enable-debug-command", "yes");
                RedisServer to = RedisServer.running("--enable-debug-command", "yes");
                RedisClientOf source = new RedisClientOf(from);
                RedisClientOf target = new RedisClientOf(to)) {
            String[] command = {
                "replicate",
                from.uri(),
                to.uri(),
                "--mode",
                "live",
                "--dir",
                directory.resolve("flow").toString()
            };
            source.call("INCR", "counter");
            Run first = run(command);
            await().atMost(Duration.ofSeconds(90)).until(() -> "1".equals(target.text("GET", "counter")));
            first.interrupt();
            assertThat(first.awaitExit()).as(first.output()).isZero();
            source.call("INCR", "counter");
            source.call("RPUSH", "list", "a");

            Run second = run(command);
            await().atMost(Duration.ofSeconds(90)).until(() -> "2".equals(target.text("GET", "counter")));
            source.call("RPUSH", "list", "b");
            await().until(() -> "2".equals(target.text("LLEN", "list")));
            second.interrupt();
            assertThat(second.awaitExit()).as(second.output()).isZero();

            assertThat(source.info("stats", "sync_full")).isEqualTo("1");
            assertThat(source.info("stats", "sync_partial_ok")).isEqualTo("1");
            assertThat(target.text("GET", "counter")).isEqualTo("2");
        }
    }

    @Test
    void whatIsWrongIsSaidAndTheExitCodeTells() throws Exception {
        try (RedisServer from = RedisServer.running("--requirepass", "right");
                RedisServer to = RedisServer.running()) {
            Run run = run("replicate", "redis://:wrong-one@" + from.address(), to.uri());
            assertThat(run.awaitExit()).as(run.output()).isEqualTo(2);
            assertThat(run.output()).contains("wrong user or password").doesNotContain("wrong-one");
        }
        Run usage = run("replicate", "http://example.org", "redis://127.0.0.1:1");
        assertThat(usage.awaitExit()).isEqualTo(2);
        assertThat(usage.output()).contains("redis://");
    }

    private Run run(String... args) throws IOException {
        return new Run(directory.resolve("out-" + System.nanoTime()), args);
    }

    private static final class Run {

        private final Process process;
        private final Path out;

        Run(Path out, String... args) throws IOException {
            this.out = out;
            Path home = Home.fromSystemProperty().directory();
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Dredis.cdc.home=" + home,
                    "-cp",
                    home + "/lib/*",
                    "io.rediscdc.standalone.RedisCdc"));
            command.addAll(List.of(args));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
        }

        int awaitExit() throws InterruptedException {
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroy();
                throw new AssertionError("still running after 180 s");
            }
            return process.exitValue();
        }

        /** What Ctrl-C sends. */
        void interrupt() throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }

        String output() throws IOException {
            return Files.readString(out);
        }
    }
}
