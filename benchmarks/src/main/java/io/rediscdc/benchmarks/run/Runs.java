package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Measurement;
import io.rediscdc.benchmarks.measure.Summary;
import io.rediscdc.benchmarks.tool.Servers;
import io.rediscdc.benchmarks.tool.Tool;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Measures tools at scenarios, run by run: in each run every tool has its turn, so that what slows the machine down for a
 * while slows all of them. A tool that fails loses this one measurement; the others go on.
 */
final class Runs {

    private static final Set<Figure> IN_THE_LOG = EnumSet.range(Figure.SECONDS, Figure.P999_MS);

    private final int warmUps;
    private final int count;
    private final Consumer<String> log;
    private final List<String> failures = new ArrayList<>();

    /**
     * @param warmUps how often a tool that warms up does the same before
     * @param count of each measurement
     * @param log takes a line for each measurement made
     */
    Runs(int warmUps, int count, Consumer<String> log) {
        this.warmUps = warmUps;
        this.count = count;
        this.log = log;
    }

    /** What has failed, so far. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** All runs of those tools that fit. */
    List<Measurement> of(Scenario scenario, List<Tool> tools) {
        List<Measurement> measurements = new ArrayList<>();
        List<Tool> fitting = tools.stream().filter(scenario::fits).toList();
        try (Servers servers = new Servers()) {
            scenario.prepare(servers);
            for (Tool tool : fitting) {
                for (int i = 0; i < warmUps && tool.warmsUp(); i++) {
                    measure(scenario, servers, tool, 0);
                }
            }
            for (int run = 1; run <= count; run++) {
                for (Tool tool : fitting) {
                    Map<Figure, Double> figures = measure(scenario, servers, tool, run);
                    if (!figures.isEmpty()) {
                        measurements.add(new Measurement(scenario.name(), tool.name(), run, figures));
                    }
                }
            }
        }
        return measurements;
    }

    /** Empty if it has failed. */
    private Map<Figure, Double> measure(Scenario scenario, Servers servers, Tool tool, int run) {
        String what = scenario.name() + ", " + tool.name() + ", " + (run == 0 ? "warm-up" : "run " + run + "/" + count);
        try {
            Map<Figure, Double> figures = scenario.measure(servers, tool);
            log.accept(what + ": " + text(new Summary("", "", List.of(new Measurement("", "", run, figures)))));
            return figures;
        } catch (RuntimeException e) {
            // Of whatever kind: the other tools' figures are worth having all the same, and the end is not a success.
            failures.add(what + ": " + e.getMessage());
            log.accept(what + " FAILED: " + e.getMessage());
            return Map.of();
        }
    }

    private static String text(Summary summary) {
        List<String> texts = new ArrayList<>();
        for (Figure figure : IN_THE_LOG) {
            double value = summary.median(figure);
            if (!Double.isNaN(value)) {
                texts.add(String.format(Locale.ROOT, "%,." + figure.decimals() + "f %s", value, figure.label()));
            }
        }
        return String.join(", ", texts);
    }
}
