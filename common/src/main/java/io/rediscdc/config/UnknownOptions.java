package io.rediscdc.config;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigValue;

/**
 * Finds options that are spelled wrong. Connect ignores a name it does not know, so a typo would silently leave an
 * option at its default.
 */
public final class UnknownOptions {

    /** What begins like this is an option of ours, or none. */
    private static final List<String> OURS =
            List.of("redis.", "psync.", "capture.", "snapshot.", "spool.", "heartbeat.", "connection.", "repair.");

    private static final int TYPO = 2;

    private UnknownOptions() {}

    /** Adds an error under the name itself for each property that looks like an option of ours and is none. */
    public static void check(Map<String, String> properties, Set<String> known, Config config) {
        for (String name : properties.keySet()) {
            if (known.contains(name) || name.startsWith(RepairConfig.CLIENT_PREFIX)) {
                continue;
            }
            String nearest = nearest(name, known);
            if (nearest != null || OURS.stream().anyMatch(name::startsWith)) {
                ConfigValue value = new ConfigValue(name);
                value.addErrorMessage(name + " is not an option of this connector"
                        + (nearest == null ? "" : "; did you mean " + nearest + "?"));
                config.configValues().add(value);
            }
        }
    }

    private static String nearest(String name, Collection<String> known) {
        return known.stream()
                .filter(option -> distance(name, option) <= TYPO)
                .findFirst()
                .orElse(null);
    }

    /** Number of characters to insert, remove or change to make one word the other (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
