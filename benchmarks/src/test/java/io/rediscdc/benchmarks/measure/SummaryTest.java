package io.rediscdc.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SummaryTest {

    @Test
    void summarizesTheRunsOfEachToolInEachScenario() {
        List<Summary> summaries = Summary.of(List.of(
                run("a", "x", 1, 3.0),
                run("a", "y", 1, 9.0),
                run("a", "x", 2, 1.0),
                run("b", "x", 1, 7.0),
                run("a", "x", 3, 2.0)));

        assertThat(summaries).extracting(Summary::scenario).containsExactly("a", "a", "b");
        assertThat(summaries).extracting(Summary::tool).containsExactly("x", "y", "x");
        assertThat(summaries.get(0).median(Figure.SECONDS)).isEqualTo(2.0);
        assertThat(summaries.get(0).least(Figure.SECONDS)).isEqualTo(1.0);
        assertThat(summaries.get(0).most(Figure.SECONDS)).isEqualTo(3.0);
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        Summary summary = new Summary("a", "x", List.of(run("a", "x", 1, 4.0), run("a", "x", 2, 1.0)));

        assertThat(summary.median(Figure.SECONDS)).isEqualTo(2.5);
        assertThat(summary.median(Figure.P50_MS)).isNaN();
    }

    @Test
    void quantilesAreTheLeastTimesWithinWhichSoManyArrived() {
        long[] nanos = new long[1000];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = (1000 - i) * 1_000_000L;
        }
        Latencies latencies = new Latencies(nanos);

        assertThat(latencies.quantileMs(0.5)).isEqualTo(500);
        assertThat(latencies.quantileMs(0.99)).isEqualTo(990);
        assertThat(latencies.quantileMs(0.999)).isEqualTo(999);
        assertThat(new Latencies(new long[0]).quantileMs(0.5)).isNaN();
    }

    private static Measurement run(String scenario, String tool, int run, double seconds) {
        return new Measurement(scenario, tool, run, Map.of(Figure.SECONDS, seconds));
    }
}
