package io.rediscdc.benchmarks.measure;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * One tool in one run of one scenario.
 *
 * @param run from 1
 * @param figures those that there are
 */
public record Measurement(String scenario, String tool, int run, Map<Figure, Double> figures) {

    public Measurement {
        EnumMap<Figure, Double> copy = new EnumMap<>(Figure.class);
        copy.putAll(figures);
        figures = Collections.unmodifiableMap(copy);
    }
}
