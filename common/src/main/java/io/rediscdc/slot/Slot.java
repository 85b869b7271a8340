package io.rediscdc.slot;

/** Hash slots, as Redis Cluster assigns them to keys (cluster.c, keyHashSlot). */
public final class Slot {

    /** Number of slots. */
    public static final int COUNT = 16384;

    private static final int POLYNOMIAL = 0x1021;
    private static final char[] CRC16 = new char[256];

    static {
        for (int i = 0; i < CRC16.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
            }
            CRC16[i] = (char) crc;
        }
    }

    private Slot() {}

    /** The slot of a key: CRC16 of what stands between its first brace and the next closing one, if that is anything. */
    public static int of(byte[] key) {
        int from = 0;
        int to = key.length;
        int open = indexOf(key, '{', 0);
        if (open >= 0) {
            int close = indexOf(key, '}', open + 1);
            if (close > open + 1) {
                from = open + 1;
                to = close;
            }
        }
        int crc = 0;
        for (int i = from; i < to; i++) {
            crc = ((crc << 8) ^ CRC16[((crc >>> 8) ^ key[i]) & 0xff]) & 0xffff;
        }
        return crc & (COUNT - 1);
    }

    /** The partition of a slot in a topic of so many: neighbours share one, and every command's keys do. */
    public static int partition(int slot, int partitions) {
        return (int) ((long) slot * partitions / COUNT);
    }

    private static int indexOf(byte[] key, char wanted, int from) {
        for (int i = from; i < key.length; i++) {
            if (key[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
