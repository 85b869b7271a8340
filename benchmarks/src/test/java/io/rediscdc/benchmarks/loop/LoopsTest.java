package io.rediscdc.benchmarks.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Every inner loop runs; what it measures here means nothing. */
class LoopsTest {

    @Test
    void allRun() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("io\\.rediscdc\\.benchmarks\\.loop")
                        .param("dataset", "STRINGS")
                        .param("compressed", "true")
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(20))
                        .shouldFailOnError(true)
                        .build())
                .run();

        assertThat(results).hasSize(1 + 4 + 4 * 4 + 2 * 2 + 2);
    }
}
