package io.rediscdc.standalone.compare;

import java.time.Duration;

/**
 * How to compare.
 *
 * @param ttlTolerance how far apart the times may be at which a key expires
 * @param rounds how often keys that differ are looked at again, because a live source changes while it is read
 * @param pause before each such round
 * @param examples how many differences to name
 * @param sourceDatabase the only database to compare, null for all; together with {@code targetDatabase}
 * @param targetDatabase its counterpart
 */
public record ComparisonOptions(
        Duration ttlTolerance,
        int rounds,
        Duration pause,
        int examples,
        Integer sourceDatabase,
        Integer targetDatabase) {

    /** All databases, 100 ms, five more looks half a second apart, ten examples. */
    public static final ComparisonOptions DEFAULT =
            new ComparisonOptions(Duration.ofMillis(100), 5, Duration.ofMillis(500), 10, null, null);

    public ComparisonOptions withRounds(int count) {
        return new ComparisonOptions(ttlTolerance, count, pause, examples, sourceDatabase, targetDatabase);
    }

    public ComparisonOptions withTtlTolerance(Duration tolerance) {
        return new ComparisonOptions(tolerance, rounds, pause, examples, sourceDatabase, targetDatabase);
    }
}
