package io.rediscdc.benchmarks.run;

import io.rediscdc.benchmarks.tool.BenchmarkException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Results of other threads. */
final class Failures {

    private Failures() {}

    /** Waits for a result. */
    static <T> T get(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new BenchmarkException("the load failed: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }
}
