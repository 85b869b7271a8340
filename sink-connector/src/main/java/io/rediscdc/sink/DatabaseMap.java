package io.rediscdc.sink;

import io.rediscdc.command.Flush;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigException;

/**
 * Which number a database of the source has at the target ({@code db.map}). Those that are not named keep theirs; some are left
 * out. No two come into one, so there is a way back. Immutable.
 */
final class DatabaseMap {

    /** In place of a number: what is of such a database is not written. */
    static final int DROPPED = -1;

    static final DatabaseMap IDENTITY = new DatabaseMap(Map.of());

    private static final String DROP = "drop";

    private final Map<Integer, Integer> targets;
    private final Map<Integer, Integer> sources = new HashMap<>();

    private DatabaseMap(Map<Integer, Integer> targets) {
        this.targets = Map.copyOf(targets);
        targets.forEach((from, to) -> {
            if (to != DROPPED) {
                sources.put(to, from);
            }
        });
    }

    /**
     * Reads entries as {@code 3:0} and {@code 0:drop}.
     *
     * @param option that has them, for messages
     * @throws ConfigException if one is none, or two databases would come into one
     */
    static DatabaseMap parse(String option, List<String> entries) {
        Map<Integer, Integer> targets = new HashMap<>();
        for (String entry : entries) {
            if (!entry.matches("\\d{1,9}:(\\d{1,9}|" + DROP + ")")) {
                throw new ConfigException(option + ": '" + entry
                        + "' is neither <number>:<number>, of a database at the source and at the target, nor <number>:"
                        + DROP);
            }
            String[] sides = entry.split(":", -1);
            int from = Integer.parseInt(sides[0]);
            int to = sides[1].equals(DROP) ? DROPPED : Integer.parseInt(sides[1]);
            if (targets.put(from, to) != null) {
                throw new ConfigException(option + " names database " + from + " of the source twice");
            }
        }
        checkApart(option, targets);
        return new DatabaseMap(targets);
    }

    private static void checkApart(String option, Map<Integer, Integer> targets) {
        Map<Integer, Integer> sources = new HashMap<>();
        for (int from : new TreeSet<>(targets.keySet())) {
            int to = targets.get(from);
            Integer other = to == DROPPED ? null : sources.put(to, from);
            if (other != null) {
                throw new ConfigException(option + " puts the databases " + other + " and " + from + " both into " + to
                        + ": a FLUSHDB or SWAPDB of one would take the other's keys. Give one of them another number");
            }
            if (to != DROPPED && !targets.containsKey(to)) {
                throw new ConfigException(option + " puts database " + from + " into " + to + ", and database " + to
                        + ", which it does not name, stays " + to
                        + ": a FLUSHDB or SWAPDB of one would take the other's keys. Say where that goes: " + to + ":"
                        + from + ", or " + to + ":" + DROP + " to leave it out");
            }
        }
    }

    /** Whether all keep their numbers. */
    boolean isIdentity() {
        return targets.isEmpty();
    }

    /** Whether some are left out: their numbers, or others in place of them, stand for nothing at the target. */
    boolean dropsSome() {
        return targets.containsValue(DROPPED);
    }

    /** The number at the target, {@link #DROPPED} for one that is left out. */
    int atTarget(int source) {
        return targets.getOrDefault(source, source);
    }

    /** The number at the source, {@link #DROPPED} if nothing is written to that one. */
    int atSource(int target) {
        Integer source = sources.get(target);
        return source != null ? source : targets.containsKey(target) ? DROPPED : target;
    }

    /** Whether a database of the source is written to that one of the target. */
    boolean isTarget(int target) {
        return atSource(target) != DROPPED;
    }

    /** Numbers at the source that are left out. */
    Set<Integer> dropped() {
        Set<Integer> dropped = new TreeSet<>();
        targets.forEach((from, to) -> {
            if (to == DROPPED) {
                dropped.add(from);
            }
        });
        return dropped;
    }

    /** A change whose key is of the database at the target; what is of no database is of 0 there. Its arguments are as they were. */
    Change change(Change read) {
        if (isIdentity()) {
            return read;
        }
        ChangeKey key = read.key();
        int db = isOfOne(read) ? atTarget(key.db()) : 0;
        return db == key.db() ? read : read.of(new ChangeKey(db, key.key(), key.part()));
    }

    private static boolean isOfOne(Change change) {
        Op op = change.op();
        return op == Op.SET
                || op == Op.DEL
                || op == Op.COMMAND
                || (op == Op.FLUSH && !Flush.isOfAllDatabases(change.command().args()));
    }
}
