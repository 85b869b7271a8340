package io.rediscdc.source.replica;

import io.rediscdc.source.replica.StateReader.Purpose;

/**
 * How large the states may be that a {@link StateReader} reads. A dump is built in the server's memory before its length is known, and
 * all of a reply has to fit into ours: so a value is judged before by the memory that it takes there (MEMORY USAGE).
 *
 * @param maxRecordBytes the most a record may have
 * @param maxDumpBytes the most a dump may have; more than a record where it may be cut into pieces
 * @param askedDumpBytes the most a dump may be expected to have, to be asked for
 * @param replyBytes the most that one reply may take
 */
record StateLimits(int maxRecordBytes, long maxDumpBytes, long askedDumpBytes, long replyBytes) {

    /** Memory that a value takes is more than its dump has, but not as much: so large a one is not asked for. */
    private static final int MEMORY_PER_DUMP = 4;

    /** A value of the size of a few elements more may take much more memory than its dump has. */
    private static final long LEAST_LIMIT = 4 << 20;

    static StateLimits of(ReplicaOptions options, Purpose purpose) {
        int maxRecordBytes = options.maxRecordBytes();
        boolean cuts = purpose == Purpose.CHANGE && !options.isCompacted();
        long maxDumpBytes =
                cuts ? Math.max(maxRecordBytes, options.link().spool().memoryBytes()) : maxRecordBytes;
        long records = (long) StateReader.MOST_KEYS * MEMORY_PER_DUMP * maxRecordBytes;
        if (purpose == Purpose.REPAIR) {
            return new StateLimits(maxRecordBytes, maxDumpBytes, maxDumpBytes, records);
        }
        long asked = Math.max(LEAST_LIMIT, maxDumpBytes);
        return new StateLimits(maxRecordBytes, maxDumpBytes, asked, Math.max(MEMORY_PER_DUMP * asked, records));
    }

    /** Whether a value that takes so much memory is too large to be asked for. */
    boolean isTooMuch(long memoryBytes) {
        return memoryBytes / MEMORY_PER_DUMP > askedDumpBytes;
    }

    /** Why a value is left out, and what to do. */
    String tooLarge(String what) {
        if (maxDumpBytes > maxRecordBytes) {
            return what + ", and at most " + maxDumpBytes + " (spool.memory.bytes) are read at a time; raise it, or use"
                    + " change.format=commands";
        }
        return what + ", and a record has at most " + maxDumpBytes + " (max.record.bytes)";
    }
}
