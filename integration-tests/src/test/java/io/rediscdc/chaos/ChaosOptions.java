package io.rediscdc.chaos;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * How long and how badly, from system properties {@code chaos.*}. With no time given it is the short form: each kind once.
 *
 * @param duration after which no new fault begins
 * @param faults after which no new one begins
 * @param seed of all that is random but the timing
 * @param kinds to choose from
 * @param even whether all kinds come equally often
 * @param pairs how many of a hundred times a second fault begins before the first is over
 */
record ChaosOptions(Duration duration, int faults, long seed, Set<Fault> kinds, boolean even, int pairs) {

    private static final Duration LONGEST = Duration.ofDays(1);

    static ChaosOptions fromSystemProperties() {
        long minutes = number("chaos.minutes", 0);
        Set<Fault> kinds = chosen();
        if (minutes == 0) {
            return new ChaosOptions(LONGEST, kinds.size(), 1, kinds, true, 0);
        }
        return new ChaosOptions(
                Duration.ofMinutes(minutes),
                (int) number("chaos.faults", Integer.MAX_VALUE),
                number("chaos.seed", System.currentTimeMillis()),
                kinds,
                false,
                (int) number("chaos.pairs", 30));
    }

    private static Set<Fault> chosen() {
        String only = System.getProperty("chaos.only", "");
        if (only.isBlank()) {
            return EnumSet.allOf(Fault.class);
        }
        Set<Fault> kinds = EnumSet.noneOf(Fault.class);
        for (String name : only.split(",", -1)) {
            kinds.add(Fault.valueOf(name.strip()));
        }
        return kinds;
    }

    private static long number(String property, long otherwise) {
        String text = System.getProperty(property, "");
        return text.isBlank() ? otherwise : Long.parseLong(text);
    }
}
