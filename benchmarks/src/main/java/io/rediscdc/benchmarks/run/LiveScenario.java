package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.load.Loader;
import io.rediscdc.benchmarks.load.Probes;
import io.rediscdc.benchmarks.load.Traffic;
import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Latencies;
import io.rediscdc.benchmarks.tool.Servers;
import io.rediscdc.benchmarks.tool.Tool;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.FutureTask;

/**
 * Commands written to a source that a tool follows, after as many that are not measured. At full speed the source is
 * written to faster than anybody follows: the time counts from the first command to the arrival of what was written
 * last. At a fixed rate, probes among the commands tell how long a change is on its way.
 *
 * @param rate commands a second; 0 for full speed
 * @param changes commands at full speed
 * @param seconds of a fixed rate
 */
record LiveScenario(Traffic traffic, double rate, long changes, double seconds) implements Scenario {

    private static final double PROBES_PER_SECOND = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Override
    public String name() {
        String name = "live-" + traffic.name().toLowerCase(Locale.ROOT);
        return rate == 0 ? name : name + "-" + Math.round(rate);
    }

    @Override
    public boolean fits(Tool tool) {
        return tool.follows();
    }

    @Override
    public void prepare(Servers servers) {
        servers.empty();
    }

    @Override
    public Map<Figure, Double> measure(Servers servers, Tool tool) {
        servers.empty();
        tool.prepare(servers);
        Map<Figure, Double> figures;
        try {
            tool.follow(servers);
            try (Probes probes = new Probes(servers.sourceUri(), servers.targetUri());
                    Loader loader = new Loader(servers.sourceUri(), traffic)) {
                probes.awaitFlow(PATIENCE);
                write(loader, probes);
                Costs costs = Costs.ofLive(servers, tool);
                figures = rate == 0 ? fullSpeed(loader, probes, costs) : fixedRate(loader, probes, costs);
            }
        } finally {
            tool.end(servers);
        }
        servers.requireEqual(tool.name());
        return figures;
    }

    private Map<Figure, Double> fullSpeed(Loader loader, Probes probes, Costs costs) {
        long begin = System.nanoTime();
        loader.write(changes);
        double elapsed = (probes.await(probes.send(), PATIENCE) - begin) / 1e9;
        Map<Figure, Double> figures = costs.since(changes);
        figures.put(Figure.SECONDS, elapsed);
        figures.put(Figure.CHANGES_PER_SECOND, changes / elapsed);
        return figures;
    }

    private Map<Figure, Double> fixedRate(Loader loader, Probes probes, Costs costs) {
        long begin = System.nanoTime();
        Latencies latencies = write(loader, probes);
        double elapsed = (System.nanoTime() - begin) / 1e9;
        Map<Figure, Double> figures = costs.since(Math.round(rate * seconds) + latencies.count());
        figures.put(Figure.SECONDS, elapsed);
        figures.put(Figure.P50_MS, latencies.quantileMs(0.5));
        figures.put(Figure.P99_MS, latencies.quantileMs(0.99));
        figures.put(Figure.P999_MS, latencies.quantileMs(0.999));
        return figures;
    }

    /** Writes for once, and waits until all of it has arrived. */
    private Latencies write(Loader loader, Probes probes) {
        FutureTask<Long> load = new FutureTask<>(() -> {
            if (rate > 0) {
                return loader.write(rate, seconds);
            }
            loader.write(changes);
            return changes;
        });
        Thread thread = new Thread(load, "loader");
        thread.start();
        int first = probes.send(PROBES_PER_SECOND, thread);
        Failures.get(load);
        probes.await(probes.send(), PATIENCE);
        return probes.latencies(first);
    }
}
