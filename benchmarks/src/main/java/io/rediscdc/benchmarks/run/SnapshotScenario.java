package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.tool.Servers;
import io.rediscdc.benchmarks.tool.Tool;
import java.util.Locale;
import java.util.Map;

/**
 * All keys of a source that nobody writes to, into an empty target.
 *
 * @param keys of the source
 */
record SnapshotScenario(Dataset dataset, long keys) implements Scenario {

    @Override
    public String name() {
        return "snapshot-" + dataset.name().toLowerCase(Locale.ROOT);
    }

    /** What copies nothing is a floor for small records only. */
    @Override
    public boolean fits(Tool tool) {
        return tool.takesSnapshots() && (tool.copies() || dataset == Dataset.STRINGS);
    }

    @Override
    public void prepare(Servers servers) {
        servers.empty();
        dataset.fill(servers.source(), keys);
    }

    @Override
    public Map<Figure, Double> measure(Servers servers, Tool tool) {
        servers.emptyTarget();
        tool.prepare(servers);
        Map<Figure, Double> figures;
        try {
            Costs costs = Costs.ofSnapshot(servers, tool);
            long begin = System.nanoTime();
            tool.snapshot(servers, keys);
            double seconds = (System.nanoTime() - begin) / 1e9;
            figures = costs.since(keys);
            figures.put(Figure.SECONDS, seconds);
            figures.put(Figure.CHANGES_PER_SECOND, keys / seconds);
            if (dataset == Dataset.LARGE) {
                figures.put(Figure.MB_PER_SECOND, keys * (double) Dataset.LARGE_VALUE / seconds / 1e6);
            }
        } finally {
            tool.end(servers);
        }
        if (tool.copies()) {
            servers.requireEqual(tool.name());
        }
        return figures;
    }
}
