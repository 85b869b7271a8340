package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.tool.Servers;
import io.rediscdc.benchmarks.tool.Tool;
import java.util.Map;

/** Something that tools are measured at, each between the same servers. */
interface Scenario {

    /** For tables and file names. */
    String name();

    /** Whether a tool can take part. */
    boolean fits(Tool tool);

    /** Makes the servers ready for all tools and runs, unmeasured. */
    void prepare(Servers servers);

    /**
     * One measurement; leaves the tool ended. The ends are compared.
     *
     * @throws RuntimeException if the tool failed, or the ends differ
     */
    Map<Figure, Double> measure(Servers servers, Tool tool);
}
