package io.rediscdc.benchmarks.report;

import io.rediscdc.benchmarks.measure.Measurement;
import io.rediscdc.benchmarks.measure.Summary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** What is left of a benchmark: {@code <scenario>.csv} for each, {@code table.md}, {@code chart.svg}. */
public final class Report {

    private final Path directory;
    private final List<Measurement> measurements;
    private final List<Summary> summaries;

    public Report(Path directory, List<Measurement> measurements) {
        this.directory = directory;
        this.measurements = List.copyOf(measurements);
        this.summaries = Summary.of(measurements);
    }

    /** With a line about the machine. */
    public String table() {
        return Table.of(summaries)
                + String.format(
                        Locale.ROOT,
                        "%nMedians; CPU in seconds per million changes, RSS in MB, bytes per change. %s: %d cores, "
                                + "load average %.1f at the end, Java %s, %s %s%n",
                        Instant.now(),
                        Runtime.getRuntime().availableProcessors(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        System.getProperty("java.version"),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"));
    }

    /** Files of earlier reports are replaced. */
    public void write() {
        try {
            Files.createDirectories(directory);
            for (String scenario :
                    measurements.stream().map(Measurement::scenario).distinct().toList()) {
                List<Measurement> own = measurements.stream()
                        .filter(measurement -> measurement.scenario().equals(scenario))
                        .toList();
                Files.writeString(directory.resolve(scenario + ".csv"), Csv.of(own));
            }
            Files.writeString(directory.resolve("table.md"), table());
            Files.writeString(directory.resolve("chart.svg"), Chart.of(summaries));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + directory, e);
        }
    }
}
