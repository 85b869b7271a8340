package io.rediscdc.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * What a change is about: a key of a database, or a piece of what is too large for one record.
 *
 * @param db database number
 * @param key the key's bytes; not copied, not to be changed. Control records have a key under {@link #RESERVED_PREFIX}
 * @param part number of the piece of a large value or command, null for a whole one
 */
public record ChangeKey(int db, byte[] key, Integer part) {

    /** Keys under this prefix are ours: a source never replicates them onward. */
    public static final String RESERVED_PREFIX = "__redis-cdc:";

    /** Under these keys a sink builds large values, which it then renames. */
    public static final String CONSTRUCTION_PREFIX = RESERVED_PREFIX + "big:";

    private static final byte[] CONSTRUCTION = CONSTRUCTION_PREFIX.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RESERVED = RESERVED_PREFIX.getBytes(StandardCharsets.US_ASCII);

    public ChangeKey(int db, byte[] key) {
        this(db, key, null);
    }

    /** The key of a record that belongs to no key of the user's. */
    public static ChangeKey control(int db, Op op, String shard) {
        return new ChangeKey(db, (RESERVED_PREFIX + op.text() + ":" + shard).getBytes(StandardCharsets.UTF_8));
    }

    /** The key of a record that is about all databases, in a topic that keeps the last record of each key. */
    public static ChangeKey controlOfAll(Op op, String shard) {
        return new ChangeKey(0, (RESERVED_PREFIX + op.text() + "-all:" + shard).getBytes(StandardCharsets.UTF_8));
    }

    /** The key itself, of which this is perhaps only a part. */
    public ChangeKey whole() {
        return part == null ? this : new ChangeKey(db, key);
    }

    public static boolean isReserved(byte[] key) {
        return startsWith(key, RESERVED);
    }

    /**
     * Whether a source leaves it out: reserved, but for what another flow's sink is building there. Whoever reads of its
     * renaming needs to have it.
     */
    public static boolean isPrivate(byte[] key) {
        return isReserved(key) && !startsWith(key, CONSTRUCTION);
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChangeKey that
                && db == that.db
                && Arrays.equals(key, that.key)
                && Objects.equals(part, that.part);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(key) + db;
    }

    /** Names the key by its length only: keys are the user's data and stay out of logs. */
    @Override
    public String toString() {
        return "db " + db + ", key of " + key.length + " bytes" + (part == null ? "" : ", part " + part);
    }
}
