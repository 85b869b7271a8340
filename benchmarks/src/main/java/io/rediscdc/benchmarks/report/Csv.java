package io.rediscdc.benchmarks.report;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Measurements as comma-separated values: a line for each run, a column for each figure, empty where there is none. */
public final class Csv {

    private Csv() {}

    /** With a header line. */
    public static String of(List<Measurement> measurements) {
        StringBuilder text = new StringBuilder();
        List<String> header = new ArrayList<>(List.of("scenario", "tool", "run"));
        for (Figure figure : Figure.values()) {
            header.add(figure.label());
        }
        line(text, header);
        for (Measurement measurement : measurements) {
            List<String> cells = new ArrayList<>(
                    List.of(measurement.scenario(), measurement.tool(), Integer.toString(measurement.run())));
            for (Figure figure : Figure.values()) {
                Double value = measurement.figures().get(figure);
                cells.add(value == null ? "" : String.format(Locale.ROOT, "%.4f", value));
            }
            line(text, cells);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append(String.join(",", cells.stream().map(Csv::quoted).toList())).append('\n');
    }

    private static String quoted(String cell) {
        return cell.contains(",") || cell.contains("\"") ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
    }
}
