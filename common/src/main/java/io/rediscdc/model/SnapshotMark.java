package io.rediscdc.model;

import java.util.List;

/**
 * What a {@code snapshot.begin} or {@code snapshot.end} says, and the heartbeat that tells of a promotion.
 *
 * @param serverVersion version of the server, of begin
 * @param partitions number of the topic's partitions, of begin: pinned for the epoch
 * @param closes last position of the epoch before, of begin; null if there was none. Of the heartbeat, the last position that the
 *     history has in common with what it was called before
 * @param counts keys sent per partition, of end
 */
public record SnapshotMark(String serverVersion, Integer partitions, Position closes, List<Long> counts) {

    public static SnapshotMark begin(String serverVersion, int partitions, Position closes) {
        return new SnapshotMark(serverVersion, partitions, closes, null);
    }

    /** That of the heartbeat: what was read beyond the position, under the former name, never happened. */
    public static SnapshotMark promotion(Position closes) {
        return new SnapshotMark(null, null, closes, null);
    }

    public static SnapshotMark end(List<Long> counts) {
        return new SnapshotMark(null, null, null, counts);
    }
}
