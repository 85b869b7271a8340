package io.rediscdc.sink;

import io.rediscdc.slot.SlotRanges;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Of which slots a shard of a cluster holds the keys, as its history says. Immutable.
 *
 * @param epoch configuration epoch of its master when that was said last
 * @param slots which it owns; also those that it has given up, until nothing more of them can follow
 * @param givenUp those of them that it does not own any more
 * @param sinceMs since when they are watched for more of them, by the clock of the source, ms since 1970
 * @param seenMs when the source received the last record of the shard, ms since 1970
 * @param imports slots on their way to it by an atomic migration, by its name
 */
record SlotClaim(
        long epoch, SlotRanges slots, SlotRanges givenUp, long sinceMs, long seenMs, Map<String, SlotRanges> imports) {

    SlotClaim {
        imports = Map.copyOf(imports);
    }

    /** Reads what {@link #toString} wrote. */
    static SlotClaim parse(String text) {
        String[] fields = text.split("/", -1);
        if (fields.length != 5 && fields.length != 6) {
            throw new IllegalArgumentException("slots of which '" + text + "' is said");
        }
        return new SlotClaim(
                Long.parseLong(fields[0]),
                SlotRanges.parse(fields[1]),
                SlotRanges.parse(fields[2]),
                Long.parseLong(fields[3]),
                Long.parseLong(fields[4]),
                fields.length == 5 ? Map.of() : imports(fields[5]));
    }

    private static Map<String, SlotRanges> imports(String text) {
        Map<String, SlotRanges> imports = new TreeMap<>();
        for (String each : text.split(";", -1)) {
            int equals = each.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("slots on their way of which '" + each + "' is said");
            }
            imports.put(each.substring(0, equals), SlotRanges.parse(each.substring(equals + 1)));
        }
        return imports;
    }

    @Override
    public String toString() {
        String text = epoch + "/" + slots + "/" + givenUp + "/" + sinceMs + "/" + seenMs;
        return imports.isEmpty()
                ? text
                : text + "/"
                        + new TreeMap<>(imports)
                                .entrySet().stream()
                                        .map(each -> each.getKey() + "=" + each.getValue())
                                        .collect(Collectors.joining(";"));
    }
}
