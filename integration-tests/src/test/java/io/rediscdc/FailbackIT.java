package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From a cluster to a group that Sentinel watches, and back, and there again: by the blocks of docs/failback.md as they stand there. The
 * cluster returns as it was, or (-Dfailback=all) as another one that is empty.
 */
@Timeout(300)
class FailbackIT {

    private static final Path RECIPE = Path.of("..", "docs", "failback.md");
    private static final List<String> TAGS =
            IntStream.range(0, 30).mapToObj(i -> "{" + i + "}").toList();
    private static final int DOOMED = 40;

    private final List<String> flows = new ArrayList<>();
    private String settings;

    static List<String> returns() {
        return System.getProperty("failback", "").equals("all")
                ? List.of("with old data", "empty")
                : List.of("with old data");
    }

    @ParameterizedTest
    @MethodSource("returns")
    void thereAndBackAndThereAgain(String returning) throws Exception {
        try (ClusterDeployment lost = new ClusterDeployment(3);
                SentinelDeployment b = new SentinelDeployment()) {
            ClusterDeployment a = lost;
            settings(a, b);
            try {
                a.mix("before", true);
                doomed(a, "SET", "first");
                run("1.");
                try (Load load = new Load(a, TAGS)) {
                    await().atMost(Flow.PATIENCE).until(() -> b.contents().containsKey("0 {7}s"));
                    load.stop();
                }
                awaitEqual(a, b);

                lost.pause();
                run("2.");
                doomed(b, "DEL", "first");
                b.mix("there", true);
                lost.resume();
                assertThat(a.contents()).containsKey("0 first:1").doesNotContainKey("0 there-s:1");
                if (returning.equals("empty")) {
                    a = new ClusterDeployment(3);
                    settings(a, b);
                }
                try (Load load = new Load(b, TAGS)) {
                    run("3.");
                    load.stop();
                }
                doomed(b, "SET", "second");
                run("4.");
                awaitEqual(a, b);
                assertThat(a.contents()).doesNotContainKey("0 first:1").containsKey("0 there-s:1");

                doomed(a, "DEL", "second");
                try (Load load = new Load(a, TAGS)) {
                    run("5.");
                    load.stop();
                }
                awaitEqual(a, b);
                assertThat(b.contents()).doesNotContainKey("0 second:1");
            } finally {
                for (String flow : flows) {
                    Platform.shared().rest().delete(flow);
                }
                if (a != lost) {
                    a.close();
                }
            }
        }
    }

    private static void doomed(Deployment where, String command, String name) {
        for (int i = 0; i < DOOMED; i++) {
            if (command.equals("SET")) {
                where.write(command, name + ":" + i, "x");
            } else {
                where.write(command, name + ":" + i);
            }
        }
    }

    private static void awaitEqual(Deployment a, Deployment b) {
        await().atMost(Flow.PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> assertThat(b.contents())
                .isEqualTo(a.contents()));
    }

    /** In place of the page's first block, which everybody adapts. */
    private void settings(ClusterDeployment a, SentinelDeployment b) {
        String port = Integer.toString(a.cluster().node(0).port());
        settings = "CONNECT=" + Platform.shared().worker().url() + "\nKAFKA="
                + Platform.shared().broker().bootstrap() + "\nREPLICATION=1\nredis() { case $1 in a) echo '"
                + json(a.options())
                + "' ;; b) echo '" + json(b.options()) + "' ;; esac; }\na() { redis-cli -c -p " + port
                + " \"$@\"; }\nb() { redis-cli -p " + b.port() + " \"$@\"; }\n";
    }

    private static String json(Map<String, String> options) {
        return options.entrySet().stream()
                .map(option -> "\"" + option.getKey() + "\": \"" + option.getValue() + "\"")
                .reduce((first, second) -> first + ", " + second)
                .orElseThrow();
    }

    /** Runs the block under that heading, with the functions it uses. */
    private void run(String heading) throws IOException, InterruptedException {
        String page = Files.readString(RECIPE);
        String block = block(page, "## " + heading);
        Matcher flow = Pattern.compile("(?m)^(flow|end) (\\w+) (\\w+) (\\d+)$").matcher(block);
        Path output = Files.createTempFile("failback", ".log");
        Process bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", settings + block(page, "## What") + block)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = bash.waitFor(90, TimeUnit.SECONDS);
        bash.descendants().forEach(ProcessHandle::destroyForcibly);
        bash.destroyForcibly();
        while (flow.find()) {
            for (String end : List.of("-sink", "-source")) {
                String name = flow.group(2) + "-" + flow.group(3) + "-" + flow.group(4) + end;
                flows.remove(name);
                if (flow.group(1).equals("flow")) {
                    flows.add(name);
                }
            }
        }
        assertThat(ended && bash.exitValue() == 0)
                .as(
                        "%s: %s; %s",
                        heading,
                        Files.readString(output),
                        flows.stream()
                                .map(name -> name + ": "
                                        + Platform.shared().rest().status(name).failure())
                                .toList())
                .isTrue();
        Files.delete(output);
    }

    private static String block(String page, String heading) {
        int begin = page.indexOf("\n```sh\n", page.indexOf("\n" + heading)) + "\n```sh\n".length();
        return page.substring(begin, page.indexOf("\n```\n", begin) + 1);
    }
}
