package io.rediscdc.format.rdb.value;

/**
 * What decoding may hold in memory at once. A value as a whole can be of any size.
 *
 * @param elementBytes the largest element, and the largest packed node (ziplist, listpack, intset, zipmap): these come
 *     as a whole. About three times as much is used while one is unpacked
 * @param pieceBytes the length of the pieces of a string value
 * @param pendingBytes for the pending entries of a consumer group, which stand before the consumers they belong to:
 *     about 8 bytes each
 * @param boundName what a user would have to raise; for messages
 */
public record DecodeLimits(int elementBytes, int pieceBytes, int pendingBytes, String boundName) {

    private static final int MIB = 1024 * 1024;

    /** Elements and nodes up to 64 MiB, pieces of 256 KiB, 64 MiB for pending entries. */
    public static final DecodeLimits DEFAULT = new DecodeLimits(64 * MIB, 256 * 1024, 64 * MIB, "the element limit");

    public DecodeLimits {
        if (elementBytes < 1 || pieceBytes < 1 || pendingBytes < 1) {
            throw new IllegalArgumentException("limits have to be positive");
        }
    }
}
