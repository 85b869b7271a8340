package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.TopicPartition;

/** Where the checkpoint of a flow's partition stands: a key of database 0 of the target. Immutable. */
final class CheckpointKey {

    /** All flows' checkpoints begin so. */
    static final String PREFIX = ChangeKey.RESERVED_PREFIX + "checkpoint:";

    private final String flow;
    private final TopicPartition partition;
    private final String name;
    private final byte[] bytes;

    CheckpointKey(String flow, TopicPartition partition) {
        this.flow = flow;
        this.partition = partition;
        // The braces keep all of a flow's in one slot.
        this.name = PREFIX + "{" + flow + "}:" + partition.topic() + ":" + partition.partition();
        this.bytes = name.getBytes(StandardCharsets.UTF_8);
    }

    String flow() {
        return flow;
    }

    TopicPartition partition() {
        return partition;
    }

    /** Shared, not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /** The key as text. */
    @Override
    public String toString() {
        return name;
    }
}
