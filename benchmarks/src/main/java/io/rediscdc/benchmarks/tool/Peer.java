package io.rediscdc.benchmarks.tool;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.ProcessCost;
import io.rediscdc.standalone.process.ChildProcess;
import io.rediscdc.standalone.process.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A tool of others, started by scripts: {@code DIR/NAME/snapshot SRC_URI TGT_URI} ends when all is copied, {@code
 * DIR/NAME/live SRC_URI TGT_URI} runs until SIGINT. Its start belongs to its time, as it does for whoever runs it.
 */
public final class Peer implements Tool {

    private static final Duration STOP = Duration.ofSeconds(10);
    private static final long POLL_MS = 5;
    /** Lets the shell say, at the end, what CPU time its children had. */
    private static final String WITH_TIMES = "\"$@\"; code=$?; times; exit $code";
    /** As in {@code 1m2.345s 0m0.678s}, the last line of times. */
    private static final Pattern TIMES = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*$");

    private final Path scripts;
    private final Path directory = Directories.temporary("redis-cdc-peer");
    private ChildProcess process;
    private boolean ended;
    private double cpuSeconds;
    private double peakMb;

    /** @param scripts the directory named as the tool */
    public Peer(Path scripts) {
        this.scripts = scripts.toAbsolutePath();
    }

    /** All that a directory holds, by name. */
    public static List<Path> in(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new BenchmarkException("cannot list the peers in " + directory + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return scripts.getFileName().toString();
    }

    @Override
    public boolean takesSnapshots() {
        return Files.exists(scripts.resolve("snapshot"));
    }

    @Override
    public boolean follows() {
        return Files.exists(scripts.resolve("live"));
    }

    @Override
    public void prepare(Servers servers) {
        process = null;
        ended = false;
        cpuSeconds = 0;
        peakMb = 0;
    }

    @Override
    public void snapshot(Servers servers, long keys) {
        start(List.of("/bin/sh", "-c", WITH_TIMES, name()), "snapshot", servers);
        Patience.await(name() + " snapshot", POLL_MS, () -> {
            peakMb = Math.max(peakMb, ProcessCost.treePeakMb(process.pid()));
            return !process.isAlive();
        });
        ended = true;
        if (process.exitCode() != 0) {
            throw new BenchmarkException(name() + " snapshot: exit code " + process.exitCode() + process.tail());
        }
        cpuSeconds = childSeconds(process.output());
    }

    @Override
    public void follow(Servers servers) {
        start(List.of(), "live", servers);
    }

    private void start(List<String> wrapper, String script, Servers servers) {
        List<String> command = new ArrayList<>(wrapper);
        command.add(scripts.resolve(script).toString());
        command.add(servers.sourceUri().toString());
        command.add(servers.targetUri().toString());
        process = ChildProcess.start(name(), command, Map.of(), directory, directory.resolve(script + ".log"));
    }

    @Override
    public void end(Servers servers) {
        if (!ended) {
            ended = true;
            interrupt();
        }
    }

    /** SIGINT to the script and all it has started, since a shell hands none on. */
    private void interrupt() {
        ProcessHandle.of(process.pid()).ifPresent(script -> {
            List<String> kill = new ArrayList<>(List.of("kill", "-INT", Long.toString(script.pid())));
            script.descendants().forEach(child -> kill.add(Long.toString(child.pid())));
            try {
                new ProcessBuilder(kill)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new BenchmarkException(name() + ": cannot be interrupted: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        long deadline = System.nanoTime() + STOP.toNanos();
        while (process.isAlive() && System.nanoTime() - deadline < 0) {
            Patience.pause(POLL_MS);
        }
        process.terminate(STOP);
    }

    @Override
    public Map<Figure, Double> cpuSeconds() {
        if (process == null) {
            return Map.of(Figure.CPU_TOOL, 0.0);
        }
        return Map.of(Figure.CPU_TOOL, ended ? cpuSeconds : ProcessCost.treeCpuSeconds(process.pid()));
    }

    @Override
    public Map<Figure, Double> peakMb() {
        double mb = ended ? peakMb : ProcessCost.treePeakMb(process.pid());
        // 0: it had ended before anybody looked
        return mb == 0 ? Map.of() : Map.of(Figure.RSS_TOOL, mb);
    }

    /** What the last line of the output of {@code times} says, user and system. */
    static double childSeconds(String output) {
        Matcher matcher = TIMES.matcher(output);
        if (!matcher.find()) {
            return 0;
        }
        return 60 * (Double.parseDouble(matcher.group(1)) + Double.parseDouble(matcher.group(3)))
                + Double.parseDouble(matcher.group(2))
                + Double.parseDouble(matcher.group(4));
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
        Directories.delete(directory);
    }
}
