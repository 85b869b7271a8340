package io.rediscdc.benchmarks.report;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Medians as an SVG picture: a panel for each scenario, in it a bar for each tool, and a line from the least to the most
 * of its runs. Scenarios at a fixed rate show the 99th percentile of latency, those of large values MB, the others
 * changes per second.
 */
public final class Chart {

    private static final int WIDTH = 760;
    private static final int LABEL = 170;
    private static final int VALUE = 110;
    private static final int BAR = 18;
    private static final int GAP = 6;
    private static final int TITLE = 30;
    private static final String STYLE =
            "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.b{fill:#4a7ebb}.o{fill:#c0392b}.l{stroke:#222}";

    private final StringBuilder body = new StringBuilder();
    private int y = GAP;

    private Chart() {}

    public static String of(List<Summary> summaries) {
        Chart chart = new Chart();
        for (String scenario :
                summaries.stream().map(Summary::scenario).distinct().toList()) {
            chart.panel(
                    scenario,
                    summaries.stream()
                            .filter(summary -> summary.scenario().equals(scenario))
                            .collect(Collectors.toCollection(ArrayList::new)));
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + WIDTH + "\" height=\"" + chart.y + "\">\n<style>"
                + STYLE + "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" + chart.body + "</svg>\n";
    }

    private void panel(String scenario, List<Summary> summaries) {
        Figure figure = figure(summaries);
        text(GAP, y + BAR, "t", scenario + ": " + figure.label());
        y += TITLE;
        double most = summaries.stream()
                .mapToDouble(summary -> summary.most(figure))
                .filter(value -> !Double.isNaN(value))
                .max()
                .orElse(1);
        double scale = (WIDTH - LABEL - VALUE) / Math.max(most, Double.MIN_NORMAL);
        for (Summary summary : summaries) {
            bar(summary, figure, scale);
        }
        y += 2 * GAP;
    }

    private void bar(Summary summary, Figure figure, double scale) {
        double median = summary.median(figure);
        text(GAP, y + BAR - 5, "n", summary.tool());
        if (!Double.isNaN(median)) {
            String style = summary.tool().startsWith("redis-cdc") ? "o" : "b";
            body.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                    style,
                    LABEL,
                    y,
                    median * scale,
                    BAR));
            body.append(String.format(
                    Locale.ROOT,
                    "<line class=\"l\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n",
                    LABEL + summary.least(figure) * scale,
                    y + BAR / 2,
                    LABEL + summary.most(figure) * scale,
                    y + BAR / 2));
            text(
                    (int) (LABEL + summary.most(figure) * scale) + GAP,
                    y + BAR - 5,
                    "n",
                    String.format(Locale.ROOT, "%,." + figure.decimals() + "f", median));
        }
        y += BAR + GAP;
    }

    private static Figure figure(List<Summary> summaries) {
        if (has(summaries, Figure.P99_MS) && !has(summaries, Figure.CHANGES_PER_SECOND)) {
            return Figure.P99_MS;
        }
        return has(summaries, Figure.MB_PER_SECOND) ? Figure.MB_PER_SECOND : Figure.CHANGES_PER_SECOND;
    }

    private static boolean has(List<Summary> summaries, Figure figure) {
        return summaries.stream().anyMatch(summary -> !Double.isNaN(summary.median(figure)));
    }

    private void text(int x, int baseline, String style, String text) {
        body.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n",
                style,
                x,
                baseline,
                text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
