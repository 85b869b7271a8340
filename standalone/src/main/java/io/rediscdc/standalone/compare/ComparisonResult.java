package io.rediscdc.standalone.compare;

import io.rediscdc.standalone.compare.Difference.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a comparison found.
 *
 * @param compared keys looked at, at either end
 * @param counts differences by kind; a kind that is not in it did not occur
 * @param examples the first few differences
 * @param seconds time it took
 */
public record ComparisonResult(long compared, Map<Kind, Long> counts, List<Difference> examples, double seconds) {

    public ComparisonResult {
        counts = Map.copyOf(counts);
        examples = List.copyOf(examples);
    }

    public boolean isEqual() {
        return counts.isEmpty();
    }

    public long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    /** Keys that are the same at both ends. */
    public long equal() {
        long different = counts.entrySet().stream()
                .filter(entry -> entry.getKey() != Kind.FUNCTION)
                .mapToLong(Map.Entry::getValue)
                .sum();
        return compared - different;
    }

    /** One line: how many keys are equal, and what differs how often. */
    public String summary() {
        if (isEqual()) {
            return String.format(Locale.ROOT, "equal: %,d keys, type, value and expiry (%.1f s)", compared, seconds);
        }
        List<String> parts = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            if (count(kind) > 0) {
                parts.add(String.format(Locale.ROOT, "%,d %s", count(kind), word(kind)));
            }
        }
        return String.format(
                Locale.ROOT, "different: %s; %,d keys equal (%.1f s)", String.join(", ", parts), equal(), seconds);
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case MISSING -> "missing at the target";
            case EXTRA -> "extra at the target";
            case TYPE -> "of another type";
            case VALUE -> "of another value";
            case TTL -> "with another expiry";
            case FUNCTION -> "function libraries";
        };
    }
}
