package io.rediscdc.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessCostTest {

    @Test
    void whatEndedChildrenHaveUsedCounts() throws IOException, InterruptedException {
        // The shell's child works, and has ended when the shell says so; then the shell sleeps.
        Process shell = new ProcessBuilder(
                        "sh", "-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo; read x")
                .start();
        try {
            assertThat(shell.inputReader().readLine()).isEmpty();
            assertThat(ProcessCost.cpuSeconds(shell.pid())).isPositive();
        } finally {
            shell.destroy();
            shell.waitFor();
        }
        assertThat(ProcessCost.cpuSeconds(shell.pid())).isZero();
    }
}
