package io.rediscdc.benchmarks.tool;

/** A measurement that cannot be made, or must not count. */
public final class BenchmarkException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public BenchmarkException(String message) {
        super(message);
    }

    public BenchmarkException(String message, Throwable cause) {
        super(message, cause);
    }
}
