package io.rediscdc.benchmarks.report;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Summary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Medians, as a table that is Markdown and can be read in a terminal. Columns that nothing fills are left out. */
public final class Table {

    private Table() {}

    /** One line for each summary. */
    public static String of(List<Summary> summaries) {
        List<Figure> figures = Arrays.stream(Figure.values())
                .filter(figure -> summaries.stream().anyMatch(summary -> !Double.isNaN(summary.median(figure))))
                .toList();
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("scenario", "tool", "runs"));
        figures.forEach(figure -> header.add(figure.label()));
        rows.add(header);
        for (Summary summary : summaries) {
            List<String> row = new ArrayList<>(List.of(
                    summary.scenario(),
                    summary.tool(),
                    Integer.toString(summary.runs().size())));
            figures.forEach(figure -> row.add(cell(summary, figure)));
            rows.add(row);
        }
        return layOut(rows);
    }

    private static String cell(Summary summary, Figure figure) {
        double median = summary.median(figure);
        return Double.isNaN(median) ? "" : String.format(Locale.ROOT, "%,." + figure.decimals() + "f", median);
    }

    private static String layOut(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int c = 0; c < widths.length; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < widths.length; c++) {
                String padding = " ".repeat(widths[c] - rows.get(r).get(c).length());
                text.append("| ");
                text.append(
                        c < 2
                                ? rows.get(r).get(c) + padding
                                : padding + rows.get(r).get(c));
                text.append(' ');
            }
            text.append("|\n");
            if (r == 0) {
                for (int width : widths) {
                    text.append("| ").append("-".repeat(width)).append(' ');
                }
                text.append("|\n");
            }
        }
        return text.toString();
    }
}
