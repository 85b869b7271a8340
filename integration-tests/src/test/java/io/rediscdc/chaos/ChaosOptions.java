package io.rediscdc.chaos;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * How long and how badly, from system properties {@code chaos.*}.
 *
 * @param duration after which no new fault begins
 * @param faults after which no new one begins
 * @param seed of all that is random but the timing
 * @param kinds to choose from
 * @param pairs how many of a hundred times a second fault begins before the first is over
 */
record ChaosOptions(Duration duration, int faults, long seed, Set<Fault> kinds, int pairs) {

    static ChaosOptions fromSystemProperties() {
        String only = System.getProperty("chaos.only", "");
        Set<Fault> kinds = only.isBlank() ? EnumSet.allOf(Fault.class) : EnumSet.noneOf(Fault.class);
        if (!only.isBlank()) {
            for (String name : only.split(",", -1)) {
                kinds.add(Fault.valueOf(name.strip()));
            }
        }
        long seed = number("chaos.seed", 0);
        return new ChaosOptions(
                Duration.ofMinutes(number("chaos.minutes", 10)),
                (int) number("chaos.faults", Integer.MAX_VALUE),
                seed == 0 ? System.currentTimeMillis() : seed,
                kinds,
                (int) number("chaos.pairs", 30));
    }

    private static long number(String property, long otherwise) {
        String text = System.getProperty(property, "");
        return text.isBlank() ? otherwise : Long.parseLong(text);
    }
}
