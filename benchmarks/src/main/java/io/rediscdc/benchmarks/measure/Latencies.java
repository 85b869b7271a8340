package io.rediscdc.benchmarks.measure;

import java.util.Arrays;

/** How long each of some probes took, in ns; fractions of them in ms. */
public final class Latencies {

    private final long[] sorted;

    /** @param nanos in any order */
    public Latencies(long[] nanos) {
        sorted = nanos.clone();
        Arrays.sort(sorted);
    }

    public int count() {
        return sorted.length;
    }

    /**
     * The least time within which so many of them arrived.
     *
     * @param fraction as in 0.99
     * @return ms; NaN if there are none
     */
    public double quantileMs(double fraction) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(fraction * sorted.length);
        return sorted[Math.max(rank, 1) - 1] / 1e6;
    }
}
