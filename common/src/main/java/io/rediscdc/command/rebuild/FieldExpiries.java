package io.rediscdc.command.rebuild;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives hash fields their expiry, fields of the same time by one command. They have to exist when that runs, so it comes
 * after the commands which write them; a field whose time has passed is deleted by it.
 */
final class FieldExpiries {

    private static final byte[] HPEXPIREAT = Arguments.of("HPEXPIREAT");
    private static final byte[] FIELDS = Arguments.of("FIELDS");
    private static final int HEAD = 5;

    private final byte[] key;
    private final RebuildLimits limits;
    private final CommandCollector fieldWriter;
    private final RebuildOutput to;

    private final Map<Long, List<byte[]>> fields = new LinkedHashMap<>();
    private int count;
    private long bytes;

    /** @param fieldWriter what writes the fields */
    FieldExpiries(byte[] key, RebuildLimits limits, CommandCollector fieldWriter, RebuildOutput to) {
        this.key = key;
        this.limits = limits;
        this.fieldWriter = fieldWriter;
        this.to = to;
    }

    /** Adds a field that has been handed to what writes it. */
    void add(byte[] field, long expireAtMs) {
        fields.computeIfAbsent(expireAtMs, time -> new ArrayList<>()).add(field);
        count++;
        bytes += field.length;
        if (count >= limits.commandElements() || bytes >= limits.commandBytes()) {
            flush();
        }
    }

    void flush() {
        if (count == 0) {
            return;
        }
        fieldWriter.flush();
        fields.forEach(this::write);
        fields.clear();
        count = 0;
        bytes = 0;
    }

    private void write(long expireAtMs, List<byte[]> names) {
        byte[][] args = new byte[HEAD + names.size()][];
        args[0] = HPEXPIREAT;
        args[1] = key;
        args[2] = Arguments.of(expireAtMs);
        args[3] = FIELDS;
        args[4] = Arguments.of(names.size());
        for (int i = 0; i < names.size(); i++) {
            args[HEAD + i] = names.get(i);
        }
        to.command(args);
    }
}
