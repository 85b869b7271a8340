package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.benchmarks.load.Traffic;
import io.rediscdc.benchmarks.measure.Measurement;
import io.rediscdc.benchmarks.report.Report;
import io.rediscdc.benchmarks.tool.ConnectFloor;
import io.rediscdc.benchmarks.tool.NativeReplica;
import io.rediscdc.benchmarks.tool.Peer;
import io.rediscdc.benchmarks.tool.Platform;
import io.rediscdc.benchmarks.tool.Platforms;
import io.rediscdc.benchmarks.tool.RedisCdc;
import io.rediscdc.benchmarks.tool.Tool;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line {@code benchmarks/run}. */
@Command(
        name = "benchmarks/run",
        mixinStandardHelpOptions = true,
        description = "Measures redis-cdc beside REPLICAOF, Kafka Connect itself and other tools (PEERS=DIR, see"
                + " benchmarks/README.md): source, target, broker and worker on this machine. Prints a table of medians;"
                + " writes it, a CSV file for each scenario and a chart.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all measured", "1:something failed, or the ends differed", "2:wrong arguments"})
public final class Benchmarks implements Callable<Integer> {

    @Option(names = "--quick", description = "one run of all at a fiftieth of the size: shows that everything works")
    private boolean quick;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "of each measurement (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(
            names = "--scale",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description =
                    "of 1,000,000 keys (200 large ones) and of 1,000,000 live changes (default: ${DEFAULT-VALUE})")
    private double scale;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "",
            description = "scenarios of that name, or whose names start so, as in live,snapshot-mixed (default: all)")
    private List<String> only = List.of();

    @Option(
            names = "--tools",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "",
            description = "tools of that name, or whose names start so, as in REPLICAOF,redis-cdc (default: all)")
    private List<String> tools = List.of();

    @Option(
            names = "--rates",
            paramLabel = "N",
            split = ",",
            defaultValue = "1000,25000,75000",
            description = "of live changes, per second (default: ${DEFAULT-VALUE})")
    private List<Integer> rates = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "of each rate (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--warm-ups",
            paramLabel = "N",
            defaultValue = "10",
            description = "how often a warm worker has done the same before (default: ${DEFAULT-VALUE})")
    private int warmUps;

    @Option(
            names = "--worker-heap",
            paramLabel = "SIZE",
            defaultValue = ConnectWorker.DEFAULT_HEAP,
            description = "as in -Xmx (default: ${DEFAULT-VALUE})")
    private String workerHeap = ConnectWorker.DEFAULT_HEAP;

    @Option(
            names = "--worker-options",
            paramLabel = "OPTIONS",
            defaultValue = "",
            description = "of the worker's JVM, as in -XX:StartFlightRecording=filename=/tmp/worker.jfr")
    private String workerOptions = "";

    @Option(
            names = "--worker-property",
            paramLabel = "NAME=VALUE",
            description = "of the worker, as in exactly.once.source.support=disabled; may be repeated")
    private Map<String, String> workerProperties = Map.of();

    @Option(
            names = "--source-option",
            paramLabel = "NAME=VALUE",
            description = "of our source connector; may be repeated")
    private Map<String, String> sourceOptions = Map.of();

    @Option(names = "--sink-option", paramLabel = "NAME=VALUE", description = "of our sink connector; may be repeated")
    private Map<String, String> sinkOptions = Map.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "where files are written (default: benchmarks/results)",
            required = true)
    private Path out = Path.of("");

    private final PrintStream stdout;
    private final PrintStream stderr;
    private final String peers;

    Benchmarks(PrintStream stdout, PrintStream stderr, String peers) {
        this.stdout = stdout;
        this.stderr = stderr;
        this.peers = peers;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmarks(System.out, System.err, System.getenv("PEERS")))
                .setOverwrittenOptionsAllowed(true) // benchmarks/run says where to write, before what it is given
                .execute(args));
    }

    @Override
    public Integer call() {
        if (quick) {
            runs = 1;
            warmUps = 1;
            scale *= 0.02;
            seconds = Math.min(seconds, 5);
        }
        Runs measuring = new Runs(warmUps, runs, stderr::println);
        List<Measurement> measurements = new ArrayList<>();
        List<Tool> all = tools();
        try {
            for (Scenario scenario : scenarios()) {
                measurements.addAll(measuring.of(scenario, all));
                // Each time, so that what has been measured is not lost to what comes.
                new Report(out, measurements).write();
            }
        } finally {
            all.forEach(Tool::close);
        }
        stdout.print(new Report(out, measurements).table());
        measuring.failures().forEach(failure -> stderr.println("FAILED: " + failure));
        return measuring.failures().isEmpty() ? 0 : 1;
    }

    private List<Scenario> scenarios() {
        List<Scenario> scenarios = new ArrayList<>();
        scenarios.add(new SnapshotScenario(Dataset.STRINGS, scaled(1_000_000)));
        scenarios.add(new SnapshotScenario(Dataset.MIXED, scaled(1_000_000)));
        scenarios.add(new SnapshotScenario(Dataset.LARGE, scaled(200)));
        scenarios.add(new LiveScenario(Traffic.SETS, 0, scaled(1_000_000), 0));
        scenarios.add(new LiveScenario(Traffic.MIX, 0, scaled(1_000_000), 0));
        rates.forEach(rate -> scenarios.add(new LiveScenario(Traffic.MIX, rate, 0, seconds)));
        return wanted(scenarios, Scenario::name, only);
    }

    private List<Tool> tools() {
        Platforms warm = Platforms.warm(platform(true));
        List<Tool> all = new ArrayList<>();
        all.add(new NativeReplica());
        all.add(new RedisCdc("redis-cdc", warm, sourceOptions, sinkOptions));
        all.add(new RedisCdc("redis-cdc cold", Platforms.cold(platform(false)), sourceOptions, sinkOptions));
        Map<String, String> scanning = new HashMap<>(sourceOptions);
        scanning.put("capture.mode", "scan");
        scanning.put("scan.mode", "snapshot");
        all.add(new RedisCdc("redis-cdc scan", warm, scanning, sinkOptions));
        all.add(new ConnectFloor(warm));
        if (peers != null && !peers.isBlank()) {
            Peer.in(Path.of(peers)).forEach(scripts -> all.add(new Peer(scripts)));
        }
        return wanted(all, Tool::name, tools);
    }

    private Supplier<Platform> platform(boolean lasting) {
        return () -> new Platform(Home.fromSystemProperty(), lasting, workerHeap, workerOptions, workerProperties);
    }

    private long scaled(long count) {
        return Math.max(2, Math.round(count * scale));
    }

    /** What has a name, or where nobody has it, begins with it. */
    static <T> List<T> wanted(List<T> all, Function<T, String> name, List<String> names) {
        Set<String> known = all.stream().map(name).collect(Collectors.toSet());
        return all.stream()
                .filter(each -> names.stream()
                        .anyMatch(wanted -> known.contains(wanted)
                                ? name.apply(each).equals(wanted)
                                : name.apply(each).startsWith(wanted)))
                .toList();
    }
}
