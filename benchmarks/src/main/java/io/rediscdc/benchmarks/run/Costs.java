package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.ProcessCost;
import io.rediscdc.benchmarks.tool.Servers;
import io.rediscdc.benchmarks.tool.Tool;
import io.rediscdc.standalone.redis.ServerInfo;
import java.util.EnumMap;
import java.util.Map;

/** What servers and a tool have used up to a moment. */
final class Costs {

    private final Servers servers;
    private final Tool tool;
    private final boolean onlyReplicas;
    private final Map<Figure, Double> cpuSeconds = new EnumMap<>(Figure.class);
    private final double logBytes;
    private final double sourceOut;
    private final double targetIn;

    /** @param onlyReplicas of what the source writes, counts only what goes to replicas: others write to it, too */
    private Costs(Servers servers, Tool tool, boolean onlyReplicas) {
        this.servers = servers;
        this.tool = tool;
        this.onlyReplicas = onlyReplicas;
        if (tool.copies()) {
            cpuSeconds.put(Figure.CPU_SOURCE, ProcessCost.cpuSeconds(servers.sourcePid()));
            cpuSeconds.put(Figure.CPU_TARGET, ProcessCost.cpuSeconds(servers.targetPid()));
        }
        cpuSeconds.putAll(tool.cpuSeconds());
        logBytes = tool.logBytes();
        ServerInfo source = servers.sourceInfo("stats");
        sourceOut = source.number(onlyReplicas ? "total_net_repl_output_bytes" : "total_net_output_bytes");
        targetIn = servers.targetInfo("stats").number("total_net_input_bytes");
    }

    /** Up to now, of a snapshot: nobody but the tool reads from the source. */
    static Costs ofSnapshot(Servers servers, Tool tool) {
        return new Costs(servers, tool, false);
    }

    /** Up to now, while somebody writes to the source. */
    static Costs ofLive(Servers servers, Tool tool) {
        return new Costs(servers, tool, true);
    }

    /** What has been used since, for so many changes. */
    Map<Figure, Double> since(long changes) {
        Costs now = new Costs(servers, tool, onlyReplicas);
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        now.cpuSeconds.forEach((figure, seconds) ->
                figures.put(figure, (seconds - cpuSeconds.getOrDefault(figure, 0.0)) * 1e6 / changes));
        figures.putAll(tool.peakMb());
        if (now.logBytes > 0) {
            figures.put(Figure.LOG_BYTES, (now.logBytes - logBytes) / changes);
        }
        if (tool.copies()) {
            putPerChange(figures, Figure.SOURCE_OUT, now.sourceOut - sourceOut, changes);
            putPerChange(figures, Figure.TARGET_IN, now.targetIn - targetIn, changes);
        }
        return figures;
    }

    private static void putPerChange(Map<Figure, Double> figures, Figure figure, double bytes, long changes) {
        if (bytes > 0) {
            figures.put(figure, bytes / changes);
        }
    }
}
