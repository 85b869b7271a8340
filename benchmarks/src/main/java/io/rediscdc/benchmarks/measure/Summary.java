package io.rediscdc.benchmarks.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * All runs of one tool in one scenario.
 *
 * @param runs at least one
 */
public record Summary(String scenario, String tool, List<Measurement> runs) {

    public Summary {
        runs = List.copyOf(runs);
    }

    /** One for each scenario and tool, in the order in which they first occur. */
    public static List<Summary> of(List<Measurement> measurements) {
        List<Summary> summaries = new ArrayList<>();
        List<List<String>> seen = new ArrayList<>();
        for (Measurement measurement : measurements) {
            List<String> name = List.of(measurement.scenario(), measurement.tool());
            if (!seen.contains(name)) {
                seen.add(name);
                summaries.add(new Summary(
                        measurement.scenario(),
                        measurement.tool(),
                        measurements.stream()
                                .filter(other -> other.scenario().equals(measurement.scenario())
                                        && other.tool().equals(measurement.tool()))
                                .toList()));
            }
        }
        return summaries;
    }

    /** The middle one of a figure's values, of two the mean; NaN if no run has it. */
    public double median(Figure figure) {
        double[] values = values(figure);
        int n = values.length;
        return n == 0 ? Double.NaN : (values[(n - 1) / 2] + values[n / 2]) / 2;
    }

    /** NaN if no run has it. */
    public double least(Figure figure) {
        double[] values = values(figure);
        return values.length == 0 ? Double.NaN : values[0];
    }

    /** NaN if no run has it. */
    public double most(Figure figure) {
        double[] values = values(figure);
        return values.length == 0 ? Double.NaN : values[values.length - 1];
    }

    private double[] values(Figure figure) {
        return runs.stream()
                .map(run -> run.figures().get(figure))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
    }
}
