package io.rediscdc.model;

import java.util.List;

/**
 * What a {@code snapshot.begin} or {@code snapshot.end} says.
 *
 * @param serverVersion version of the server, of begin
 * @param partitions number of the topic's partitions, of begin: pinned for the epoch
 * @param closes last position of the epoch before, of begin; null if there was none
 * @param counts keys sent per partition, of end
 */
public record SnapshotMark(String serverVersion, Integer partitions, Position closes, List<Long> counts) {

    public static SnapshotMark begin(String serverVersion, int partitions, Position closes) {
        return new SnapshotMark(serverVersion, partitions, closes, null);
    }

    public static SnapshotMark end(List<Long> counts) {
        return new SnapshotMark(null, null, null, counts);
    }
}
