package io.rediscdc.command;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * What a master's stream says of slots that come to it by an atomic migration. Between begin and end it contains all keys of
 * these slots, and what is written to them meanwhile where they come from; nobody sees any of that here before the end, and
 * after one that is no success nobody ever does. Immutable.
 *
 * <p>Sources: cluster_migrateslots.c of Valkey 9 ({@code CLUSTER SYNCSLOTS ESTABLISH ... NAME <name> SLOTSRANGE <first> <last>
 * ...} and {@code FINISH STATE <state> NAME <name> ...}), cluster_asm.c of Redis 8.4 ({@code CLUSTER SYNCSLOTS CONF ASM-TASK
 * <name>:<from>:<to>:import:<state>:<ranges>}).
 *
 * @param name of the migration
 * @param slots null where it is not said again
 * @param ended whether it is the end
 */
public record SlotImport(String name, SlotRanges slots, boolean ended) {

    private static final int TASK_FIELDS = 6;
    private static final Set<String> LAST_STATES = Set.of("completed", "failed", "canceled");

    /** What a command says, null if it says nothing of that. */
    public static SlotImport of(byte[][] args) {
        if (args.length < 4
                || !word(args, 0).equals("cluster")
                || !word(args, 1).equals("syncslots")) {
            return null;
        }
        try {
            return switch (word(args, 2)) {
                case "establish" -> established(args);
                case "finish" -> finished(args);
                case "conf" -> word(args, 3).equals("asm-task") && args.length > 4 ? task(args[4]) : null;
                default -> null;
            };
        } catch (RedisCdcException e) {
            return null; // ranges of a kind that is not known: as if nothing had been said
        }
    }

    private static SlotImport established(byte[][] args) {
        String name = valueOf("name", args);
        int at = indexOf("slotsrange", args);
        if (name == null || at < 0) {
            return null;
        }
        StringBuilder ranges = new StringBuilder();
        for (int i = at + 1; i + 1 < args.length; i += 2) {
            ranges.append(ranges.length() == 0 ? "" : ",")
                    .append(word(args, i))
                    .append('-')
                    .append(word(args, i + 1));
        }
        return new SlotImport(name, SlotRanges.parse(ranges.toString()), false);
    }

    private static SlotImport finished(byte[][] args) {
        String name = valueOf("name", args);
        return name == null ? null : new SlotImport(name, null, true);
    }

    private static SlotImport task(byte[] text) {
        String[] fields = new String(text, StandardCharsets.UTF_8).split(":", -1);
        if (fields.length < TASK_FIELDS || !fields[3].equals("import")) {
            return null;
        }
        SlotRanges slots = SlotRanges.parse(fields[5].strip().replace(' ', ','));
        return new SlotImport(fields[0], slots, LAST_STATES.contains(fields[4]));
    }

    private static String valueOf(String keyword, byte[][] args) {
        int at = indexOf(keyword, args);
        return at < 0 || at + 1 >= args.length ? null : new String(args[at + 1], StandardCharsets.UTF_8);
    }

    private static int indexOf(String keyword, byte[][] args) {
        for (int i = 3; i < args.length; i++) {
            if (word(args, i).equals(keyword)) {
                return i;
            }
        }
        return -1;
    }

    private static String word(byte[][] args, int index) {
        return new String(args[index], StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
    }
}
