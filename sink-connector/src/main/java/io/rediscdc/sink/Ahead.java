package io.rediscdc.sink;

import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.slot.SlotRanges;
import java.util.Map;
import java.util.TreeMap;

/**
 * Slots that are ahead of the checkpoint which covers them, since they came from another one: what is not after their own
 * positions has been applied there. Immutable.
 *
 * @param positions by shard
 */
record Ahead(SlotRanges slots, Map<String, Position> positions) {

    /** Reads what {@link #toString} wrote. */
    static Ahead parse(String text) {
        String[] words = text.split(" ", -1);
        Map<String, Position> positions = new TreeMap<>();
        for (int i = 1; i + 1 < words.length; i += 2) {
            positions.put(words[i], Position.parse(words[i + 1]));
        }
        return new Ahead(SlotRanges.parse(words[0]), positions);
    }

    boolean has(Stamp stamp) {
        Position reached = positions.get(stamp.origin().shard());
        return reached != null && !stamp.position().isAfter(reached);
    }

    /** Whether all that one has applied the other has applied, too. */
    static boolean isNotAfter(Map<String, Position> one, Map<String, Position> other) {
        return one.entrySet().stream().allMatch(each -> {
            Position reached = other.get(each.getKey());
            return reached != null && !each.getValue().isAfter(reached);
        });
    }

    /** What either has applied. */
    static Map<String, Position> later(Map<String, Position> one, Map<String, Position> other) {
        Map<String, Position> later = new TreeMap<>(one);
        other.forEach((shard, position) -> later.merge(shard, position, (a, b) -> a.isAfter(b) ? a : b));
        return later;
    }

    /** Slots, and for each shard its name and the position, with blanks between. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(slots.toString());
        new TreeMap<>(positions)
                .forEach((shard, position) ->
                        text.append(' ').append(shard).append(' ').append(position));
        return text.toString();
    }
}
