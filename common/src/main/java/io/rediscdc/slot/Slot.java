package io.rediscdc.slot;

/**
 * Which of the 16384 slots a key belongs to, as Redis Cluster does it (cluster.c, keyHashSlot): CRC16 of the key, or of
 * what is between its first { and the next }, unless that is empty. Also used for sources that are no cluster.
 */
public final class Slot {

    /** Number of slots. */
    public static final int COUNT = 16384;

    /** CRC-16/XMODEM: polynomial 0x1021, start 0, nothing reflected. */
    private static final short[] CRC16 = crc16Table();

    private static final Integer[] BOXED = new Integer[COUNT];

    static {
        for (int slot = 0; slot < COUNT; slot++) {
            BOXED[slot] = slot;
        }
    }

    private Slot() {}

    /** The slot of a key, from 0 to {@link #COUNT} - 1. */
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
            crc = (crc << 8) ^ CRC16[((crc >>> 8) ^ key[i]) & 0xff];
        }
        return crc & (COUNT - 1);
    }

    /** The same box each time: every record has one. */
    public static Integer boxed(int slot) {
        return BOXED[slot];
    }

    /** The partition of a slot, so that each partition has a contiguous range of slots. */
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

    private static short[] crc16Table() {
        short[] table = new short[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x1021;
            }
            table[i] = (short) crc;
        }
        return table;
    }
}
