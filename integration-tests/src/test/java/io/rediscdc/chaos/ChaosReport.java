package io.rediscdc.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was done and what came of it, as a table in Markdown. */
final class ChaosReport {

    /** Of one kind of fault: times in ms from its beginning until what was written after it had arrived. */
    private static final class Row {
        private final List<Long> alone = new ArrayList<>();
        private final List<Long> overlapping = new ArrayList<>();

        private static String seconds(long ms) {
            return String.format(Locale.ROOT, "%.1f s", ms / 1000.0);
        }

        private static String median(List<Long> times) {
            List<Long> sorted = new ArrayList<>(times);
            Collections.sort(sorted);
            return times.isEmpty() ? "" : seconds(sorted.get(times.size() / 2));
        }

        private static String max(List<Long> times) {
            return times.isEmpty() ? "" : seconds(Collections.max(times));
        }

        private String text(Fault fault) {
            return String.format(
                    Locale.ROOT,
                    "| %s | %d | %s | %s | %d | %s |%n",
                    fault,
                    alone.size(),
                    median(alone),
                    max(alone),
                    overlapping.size(),
                    max(overlapping));
        }
    }

    private final Map<Fault, Row> rows = new EnumMap<>(Fault.class);
    private int hanging;
    private final StringBuilder figures = new StringBuilder();

    void alone(Fault fault, long ms) {
        row(fault).alone.add(ms);
        progress(fault.toString(), ms);
    }

    void overlapping(Fault first, Fault second, long ms) {
        row(first).overlapping.add(ms);
        row(second).overlapping.add(ms);
        progress(first + " + " + second, ms);
    }

    /** Transactions that the broker had left open were aborted by hand. */
    void hanging(int count) {
        hanging += count;
        if (count > 0) {
            System.out.println("      the broker has left a transaction open, which is aborted by hand");
        }
    }

    int hanging() {
        return hanging;
    }

    /** A line below the table. */
    void figure(String name, Object value) {
        figures.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }

    int faults() {
        return rows.values().stream()
                .mapToInt(row -> row.alone.size() + row.overlapping.size())
                .sum();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(
                """
                | fault | alone | median | longest | overlapping | longest |
                | --- | --- | --- | --- | --- | --- |
                """);
        rows.forEach((fault, row) -> text.append(row.text(fault)));
        return text + "\n| | |\n| --- | --- |\n" + figures;
    }

    private Row row(Fault fault) {
        return rows.computeIfAbsent(fault, kind -> new Row());
    }

    private void progress(String what, long ms) {
        System.out.printf(Locale.ROOT, "%4d  %s: %.1f s%n", faults(), what, ms / 1000.0);
    }
}
