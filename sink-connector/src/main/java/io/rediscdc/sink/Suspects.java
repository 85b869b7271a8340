package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Keys that the commands of a batch go on from, rather than write anew: if one of them is missing at a target that may have
 * let it die before its time, that cannot be told from the commands' replies. Not thread-safe.
 */
final class Suspects {

    private static final Set<String> WRITING_ANEW =
            Set.of("set", "setex", "psetex", "mset", "msetex", "getset", "restore", "restore-asking", "del", "unlink");

    private static final Set<String> WRITING_THE_SECOND_ANEW = Set.of("rename", "renamenx", "copy");

    private final Set<ChangeKey> known = new HashSet<>();
    private final Set<ChangeKey> suspects = new LinkedHashSet<>();

    /** Sees the changes of the batch in their order. */
    void see(Change change) {
        if (change.command() == null) {
            known.add(change.key());
            return;
        }
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

    /** Whether what the keys of a command held before does not matter. */
    static boolean writesAnew(Command command) {
        return WRITING_ANEW.contains(
                CommandTable.standard().spec(command.args()).name());
    }

    Collection<ChangeKey> keys() {
        return suspects;
    }

    /** Those of these slots are nobody's affair any more. */
    void forget(SlotRanges slots) {
        suspects.removeIf(key -> slots.contains(Slot.of(key.key())));
    }

    void clear() {
        known.clear();
        suspects.clear();
    }
}
