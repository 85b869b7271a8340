package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Keys that the commands of a batch go on from, rather than write anew: if one of them is missing at a target that may have
 * let it die before its time, that cannot be told from the commands' replies. Not thread-safe.
 */
final class Suspects {

    private static final Set<String> WRITING_ANEW =
            Set.of("set", "setex", "psetex", "mset", "msetex", "getset", "restore", "restore-asking", "del", "unlink");

    private static final Set<String> WRITING_THE_SECOND_ANEW = Set.of("rename", "renamenx", "copy");

    private final List<Change> changes = new ArrayList<>();
    private final List<SlotRanges> forgotten = new ArrayList<>(0);

    /** Sees the changes of the batch in their order. */
    void see(Change change) {
        changes.add(change);
    }

    /** Whether what the keys of a command held before does not matter. */
    static boolean writesAnew(Command command) {
        return WRITING_ANEW.contains(
                CommandTable.standard().spec(command.args()).name());
    }

    /** Found when they are asked for, which is seldom. */
    Collection<ChangeKey> keys() {
        Set<ChangeKey> known = new HashSet<>();
        Set<ChangeKey> suspects = new LinkedHashSet<>();
        for (Change change : changes) {
            if (change.command() == null) {
                known.add(change.key());
            } else {
                addKeys(change, known, suspects);
            }
        }
        forgotten.forEach(slots -> suspects.removeIf(key -> slots.contains(Slot.of(key.key()))));
        return suspects;
    }

    private static void addKeys(Change change, Set<ChangeKey> known, Set<ChangeKey> suspects) {
        byte[][] args = change.command().args();
        int[] keys = change.command().keys();
        String name = CommandTable.standard().spec(args).name();
        for (int i = 0; i < keys.length; i++) {
            ChangeKey key = new ChangeKey(change.key().db(), args[keys[i]]);
            boolean anew = WRITING_ANEW.contains(name) || (i > 0 && WRITING_THE_SECOND_ANEW.contains(name));
            if (known.add(key) && !anew) {
                suspects.add(key);
            }
        }
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Those of these slots are nobody's affair any more. */
    void forget(SlotRanges slots) {
        forgotten.add(slots);
    }

    void clear() {
        changes.clear();
        forgotten.clear();
    }
}
