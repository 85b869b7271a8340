package io.rediscdc.command;

import io.rediscdc.command.CommandSpec.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands of {@code commands.txt}, found by the bytes of a name in any case, without allocation. */
public final class CommandTable {

    private static final Pattern LIST = Pattern.compile("\\d+(,\\d+)*");
    private static final Pattern RANGE = Pattern.compile("(\\d+)\\.\\.(-?\\d+)?(?:/(\\d+))?");
    private static final CommandSpec UNKNOWN = new CommandSpec("(unknown)", Kind.UNKNOWN, KeyFinder.NONE);

    /** A power of two well above the number of commands; collisions go to the next place. */
    private static final int PLACES = 1024;

    private static final byte[][] NAMES = new byte[PLACES][];
    private static final CommandSpec[] SPECS = new CommandSpec[PLACES];

    static {
        load();
    }

    private CommandTable() {}

    /** What is known of a command, by its name, {@code args[0]}; a spec of kind UNKNOWN if nothing is. */
    public static CommandSpec of(byte[][] args) {
        byte[] name = args[0];
        for (int place = hash(name); NAMES[place] != null; place = (place + 1) % PLACES) {
            if (isSame(NAMES[place], name)) {
                return SPECS[place];
            }
        }
        return UNKNOWN;
    }

    /** All names, in capitals. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (CommandSpec spec : SPECS) {
            if (spec != null) {
                names.add(spec.name());
            }
        }
        return names;
    }

    private static void load() {
        try (InputStream in = CommandTable.class.getResourceAsStream("commands.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    add(line.split("\\s+", -1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(String[] columns) {
        byte[] name = columns[0].getBytes(StandardCharsets.US_ASCII);
        int place = hash(name);
        while (NAMES[place] != null) {
            place = (place + 1) % PLACES;
        }
        NAMES[place] = name;
        SPECS[place] = new CommandSpec(
                columns[0].toUpperCase(Locale.ROOT),
                Kind.valueOf(columns[1].toUpperCase(Locale.ROOT)),
                finder(columns[2]));
    }

    private static KeyFinder finder(String keys) {
        return switch (keys) {
            case "-" -> KeyFinder.NONE;
            case "1,n2" -> KeyFinder.firstAndCounted(2);
            case "streams" -> KeyFinder.streams();
            case "store" -> KeyFinder.store();
            case "migrate" -> KeyFinder.migrate();
            default -> numbered(keys);
        };
    }

    private static KeyFinder numbered(String keys) {
        if (keys.startsWith("n")) {
            return KeyFinder.counted(Integer.parseInt(keys.substring(1)), 1);
        }
        if (keys.startsWith("pairs")) {
            return KeyFinder.counted(Integer.parseInt(keys.substring(5)), 2);
        }
        Matcher range = RANGE.matcher(keys);
        if (range.matches()) {
            return KeyFinder.from(
                    Integer.parseInt(range.group(1)),
                    range.group(2) == null ? -1 : Integer.parseInt(range.group(2)),
                    range.group(3) == null ? 1 : Integer.parseInt(range.group(3)));
        }
        if (!LIST.matcher(keys).matches()) {
            throw new IllegalStateException("commands.txt: no keys are '" + keys + "'");
        }
        String[] indexes = keys.split(",", -1);
        int[] at = new int[indexes.length];
        for (int i = 0; i < at.length; i++) {
            at[i] = Integer.parseInt(indexes[i]);
        }
        return KeyFinder.at(at);
    }

    private static int hash(byte[] name) {
        int hash = name.length;
        for (byte b : name) {
            hash = hash * 31 + (b | 0x20);
        }
        return (hash ^ (hash >>> 15)) & (PLACES - 1);
    }

    /** Compares letters only by what they are, not by their case; the table's names are in lower case. */
    private static boolean isSame(byte[] known, byte[] name) {
        if (known.length != name.length) {
            return false;
        }
        for (int i = 0; i < known.length; i++) {
            int c = name[i];
            if (known[i] != (c >= 'A' && c <= 'Z' ? c | 0x20 : c)) {
                return false;
            }
        }
        return true;
    }
}
