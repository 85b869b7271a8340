package io.rediscdc.format.rdb.value;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.RdbInput;
import java.util.Arrays;

/**
 * The pending entries of a group by id, which an RDB states before the consumers they belong to. Kept as differences in
 * variable-length numbers, about 8 bytes each, with an index of every 64th; looking ids up in ascending order, as they
 * come, is a walk along them.
 */
final class PendingTable {

    private static final int BLOCK = 64;

    /** Four numbers of at most ten bytes. */
    private static final int LONGEST = 40;

    private final RdbInput errors;
    private final DecodeLimits limits;

    private byte[] bytes = new byte[1024];
    private int filled;
    private int count;

    /** Id of each block's first, and where it begins. */
    private long[] blockMs = new long[16];

    private long[] blockSeq = new long[16];
    private int[] blockAt = new int[16];

    /** What is at the cursor: the last one added or found. */
    private long ms;

    private long seq;
    private long deliveredMs;
    private long deliveries;

    /** Index of what is at the cursor, and where its successor begins. */
    private int cursor = -1;

    private int nextAt;

    PendingTable(RdbInput errors, DecodeLimits limits) {
        this.errors = errors;
        this.limits = limits;
    }

    void clear() {
        filled = 0;
        count = 0;
        cursor = -1;
    }

    int size() {
        return count;
    }

    /** Adds one whose id is greater than all before. */
    void add(long newMs, long newSeq, long newDeliveredMs, long newDeliveries) {
        if (count > 0 && StreamId.compare(newMs, newSeq, ms, seq) <= 0) {
            throw errors.corrupt("pending entries that do not ascend");
        }
        if (filled + LONGEST > bytes.length) {
            grow();
        }
        if (count % BLOCK == 0) {
            beginBlock(newMs, newSeq);
        }
        write(newMs - ms);
        write(newMs == ms ? newSeq - seq : newSeq);
        long later = newDeliveredMs - deliveredMs;
        write(later << 1 ^ later >> 63);
        write(newDeliveries);
        ms = newMs;
        seq = newSeq;
        deliveredMs = newDeliveredMs;
        count++;
    }

    /** Moves the cursor to that id; false if there is none. */
    boolean find(long wantedMs, long wantedSeq) {
        int block = cursor / BLOCK;
        boolean ahead = cursor >= 0 && StreamId.compare(ms, seq, wantedMs, wantedSeq) < 0;
        if (!ahead || isInLaterBlock(block, wantedMs, wantedSeq)) {
            block = blockOf(wantedMs, wantedSeq);
            if (block < 0) {
                return false;
            }
            cursor = block * BLOCK - 1;
            nextAt = blockAt[block];
        }
        int blockEnd = Math.min(count, (block + 1) * BLOCK);
        int order = -1;
        while (order < 0 && cursor + 1 < blockEnd) {
            step();
            order = StreamId.compare(ms, seq, wantedMs, wantedSeq);
        }
        return order == 0;
    }

    long deliveredMs() {
        return deliveredMs;
    }

    long deliveries() {
        return deliveries;
    }

    private boolean isInLaterBlock(int block, long wantedMs, long wantedSeq) {
        int later = block + 1;
        return later * BLOCK < count && StreamId.compare(blockMs[later], blockSeq[later], wantedMs, wantedSeq) <= 0;
    }

    /** The last block that begins at or before that id; -1 if none does. */
    private int blockOf(long wantedMs, long wantedSeq) {
        int low = 0;
        int high = (count + BLOCK - 1) / BLOCK;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (StreamId.compare(blockMs[middle], blockSeq[middle], wantedMs, wantedSeq) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private void step() {
        cursor++;
        if (cursor % BLOCK == 0) {
            ms = 0;
            seq = 0;
            deliveredMs = 0;
        }
        long laterMs = read();
        long laterSeq = read();
        seq = laterMs == 0 ? seq + laterSeq : laterSeq;
        ms += laterMs;
        long later = read();
        deliveredMs += later >>> 1 ^ -(later & 1);
        deliveries = read();
    }

    private void beginBlock(long newMs, long newSeq) {
        int block = count / BLOCK;
        if (block == blockAt.length) {
            blockMs = Arrays.copyOf(blockMs, 2 * block);
            blockSeq = Arrays.copyOf(blockSeq, 2 * block);
            blockAt = Arrays.copyOf(blockAt, 2 * block);
        }
        blockMs[block] = newMs;
        blockSeq[block] = newSeq;
        blockAt[block] = filled;
        ms = 0;
        seq = 0;
        deliveredMs = 0;
    }

    private void grow() {
        if (filled + LONGEST > limits.pendingBytes()) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "more than " + count + " pending entries of a consumer group before byte " + errors.position()
                            + " of the RDB take more than " + limits.pendingBytes()
                            + " bytes; acknowledge some of them");
        }
        bytes = Arrays.copyOf(
                bytes, (int) Math.max(filled + LONGEST, Math.min(2L * bytes.length, limits.pendingBytes())));
    }

    private void write(long number) {
        long left = number;
        while ((left & ~0x7fL) != 0) {
            bytes[filled++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        bytes[filled++] = (byte) left;
    }

    private long read() {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes[nextAt++];
            number |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return number;
            }
        }
    }
}
