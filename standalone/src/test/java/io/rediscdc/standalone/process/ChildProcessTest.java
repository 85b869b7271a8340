package io.rediscdc.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {

    @TempDir
    Path directory;

    @Test
    void aMessageEndsWithTheLastLinesOfTheLog() {
        assertThatThrownBy(() -> {
                    try (ChildProcess child = sh("echo first; echo no memory left; exec sleep 60")) {
                        child.awaitReady(() -> false, Duration.ofMillis(500));
                    }
                })
                .isInstanceOf(ProcessException.class)
                .hasMessageContaining("test did not start within 0 s; last lines of")
                .hasMessageContaining("no memory left");
    }

    @Test
    void anEarlyEndIsNoticedAtOnce() {
        ChildProcess child = sh("echo bad option; exit 3");
        assertThatThrownBy(() -> child.awaitReady(() -> false, Duration.ofSeconds(30)))
                .hasMessageContaining("exit code 3")
                .hasMessageContaining("bad option");
    }

    @Test
    void whatIgnoresTheRequestToEndIsKilled() {
        ChildProcess child = sh("trap '' TERM; echo up; while :; do sleep 0.1; done");
        child.awaitReady(() -> child.output().contains("up"), Duration.ofSeconds(10));
        assertThat(child.terminate(Duration.ofMillis(300))).isFalse();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void ourOwnVariablesAreHandedOnOnlyIfSaid() {
        try (ChildProcess child = ChildProcess.start(
                "test",
                List.of("/bin/sh", "-c", "echo [$REDIS_CDC_TEST]; exec sleep 60"),
                Map.of("REDIS_CDC_TEST", "given"),
                directory,
                directory.resolve("log"))) {
            child.awaitReady(() -> child.output().contains("[given]"), Duration.ofSeconds(10));
        }
    }

    /** A JVM that starts a child and is then killed: the child must go, too. */
    @Test
    void noChildSurvivesAKilledParent() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("parent.log").toFile())
                .start();
        Path pidFile = directory.resolve("pid");
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pidFile));
        ProcessHandle child =
                ProcessHandle.of(Long.parseLong(Files.readString(pidFile))).orElseThrow();
        assertThat(child.isAlive()).isTrue();

        parent.destroyForcibly().waitFor();

        await().atMost(Duration.ofSeconds(20)).until(() -> !child.isAlive());
    }

    /** Entry point of the JVM that is killed. */
    static final class Parent {
        public static void main(String[] args) throws Exception {
            Path directory = Path.of(args[0]);
            ChildProcess child = ChildProcess.start(
                    "test", List.of("sleep", "600"), Map.of(), directory, directory.resolve("child.log"));
            Files.writeString(directory.resolve("pid.tmp"), Long.toString(child.pid()));
            Files.move(directory.resolve("pid.tmp"), directory.resolve("pid"));
            Thread.sleep(600_000);
        }
    }

    private ChildProcess sh(String script) {
        return ChildProcess.start(
                "test", List.of("/bin/sh", "-c", script), Map.of(), directory, directory.resolve("log"));
    }
}
