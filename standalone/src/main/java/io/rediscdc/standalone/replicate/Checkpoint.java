package io.rediscdc.standalone.replicate;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Position;
import java.util.Map;

/**
 * How far a flow has come, as its sink writes it into the target: a hash in database 0.
 *
 * @param position of the last change applied; {@link Position#NONE} if none
 * @param kafkaOffset of the record to read next
 * @param snapshotOpen whether it lies between the begin and the end of a snapshot
 * @param expiryExact whether keys expire at the target when they do at the source; not so before the flow has caught up
 * @param stuck the change that the target refused and the error, null if none
 */
record Checkpoint(Position position, long kafkaOffset, boolean snapshotOpen, boolean expiryExact, String stuck) {

    /** The one shard of a source that is no cluster. */
    private static final String POSITION = "pos:0";

    static String key(String flow) {
        return ChangeKey.RESERVED_PREFIX + "checkpoint:{" + flow + "}:" + FlowConfig.TOPIC + ":0";
    }

    static Checkpoint of(Map<String, String> fields) {
        String position = fields.get(POSITION);
        return new Checkpoint(
                position == null ? Position.NONE : Position.parse(position),
                Long.parseLong(fields.getOrDefault("offset", "-1")),
                "open".equals(fields.get("snapshot")),
                "exact".equals(fields.get("ttl")),
                fields.get("stuck"));
    }

    /** All of a snapshot has been applied. */
    boolean hasSnapshot() {
        return position.epoch() > 0 && !snapshotOpen;
    }

    /** Keys of the open snapshot that have been applied. */
    long keysDone() {
        return snapshotOpen ? position.index() : 0;
    }
}
