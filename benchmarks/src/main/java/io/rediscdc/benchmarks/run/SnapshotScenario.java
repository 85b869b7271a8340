package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.benchmarks.load.Pings;
import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Latencies;
import io.rediscdc.benchmarks.tool.Servers;
import io.rediscdc.benchmarks.tool.Tool;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * All keys of a source that nobody writes to, into an empty target.
 *
 * @param keys of the source
 */
record SnapshotScenario(Dataset dataset, long keys) implements Scenario {

    private static final Duration IDLE = Duration.ofSeconds(1);

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
            Latencies idle = Pings.idle(servers.sourceUri(), IDLE);
            Latencies beside;
            double seconds;
            try (Pings pings = new Pings(servers.sourceUri())) {
                Costs costs = Costs.ofSnapshot(servers, tool);
                long begin = System.nanoTime();
                tool.snapshot(servers, keys);
                seconds = (System.nanoTime() - begin) / 1e9;
                figures = costs.since(keys);
                beside = pings.end();
            }
            if (tool.copies()) {
                figures.put(Figure.IDLE_PING_P50_MS, idle.quantileMs(0.5));
                figures.put(Figure.IDLE_PING_P99_MS, idle.quantileMs(0.99));
                figures.put(Figure.PING_P50_MS, beside.quantileMs(0.5));
                figures.put(Figure.PING_P99_MS, beside.quantileMs(0.99));
            }
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
