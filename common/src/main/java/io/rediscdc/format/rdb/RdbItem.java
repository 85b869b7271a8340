package io.rediscdc.format.rdb;

import io.rediscdc.model.Flavour;
import java.nio.charset.StandardCharsets;

/** One thing an RDB holds, in the order of the file. Byte arrays are the item's own: shared, not copied again. */
public sealed interface RdbItem {

    /** The first item. */
    record Header(Flavour flavour, int rdbVersion) implements RdbItem {}

    /** A named fact about the file or the server: redis-ver, repl-stream-db, repl-id, lua (a script)... */
    record Aux(String name, byte[] value) implements RdbItem {

        public String text() {
            return new String(value, StandardCharsets.UTF_8);
        }
    }

    /** The keys that follow are of this database. */
    record SelectDb(int db) implements RdbItem {}

    /** How many keys of this database follow, as a hint to size tables, and how many of them expire. */
    record ResizeDb(int db, long keys, long expiring) implements RdbItem {}

    /** How many keys of this slot follow, as a hint (clusters since 7.4). */
    record SlotInfo(int slot, long keys, long expiring) implements RdbItem {}

    /**
     * Slots that were being imported when the RDB was written (Valkey 9): keys of them are provisional.
     *
     * @param ranges first and last slot of each range, one after the other
     */
    record SlotImport(String job, int[] ranges) implements RdbItem {}

    /** The source code of a function library, shebang line first. */
    record FunctionLibrary(byte[] code) implements RdbItem {}

    /** Data of a module that belongs to no key; skipped. */
    record ModuleAux(String module) implements RdbItem {}

    /**
     * A key and its value.
     *
     * @param dump what DUMP answers for the key: the value as it stands in the file, with a footer of the file's version
     * @param expireAtMs when it expires, Unix time in ms, or {@link #NONE}
     * @param idleSeconds how long it was not used, under an LRU policy, or {@link #NONE}
     * @param freq how often it is used (0-255, logarithmic), under an LFU policy, or {@link #NONE}
     */
    record Key(int db, byte[] key, RdbType type, byte[] dump, long expireAtMs, long idleSeconds, int freq)
            implements RdbItem {

        public static final int NONE = -1;

        public boolean expires() {
            return expireAtMs != NONE;
        }
    }

    /** A key whose value is to be read element by element. Values as in {@link Key}. */
    record LargeKey(int db, byte[] key, RdbType type, long expireAtMs, long idleSeconds, int freq) implements RdbItem {}

    /**
     * The last item: all bytes of the RDB have been read and none after it.
     *
     * @param bytes length of the RDB
     * @param checksum its CRC64, or 0 where it has none
     */
    record End(long bytes, long checksum) implements RdbItem {}
}
