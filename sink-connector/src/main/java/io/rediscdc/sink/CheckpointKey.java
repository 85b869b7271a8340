package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotTag;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.TopicPartition;

/**
 * Where the checkpoint of a flow's partition stands, and beside it the set of keys that wait for a repair: keys of
 * database 0 of the target. Immutable.
 */
final class CheckpointKey {

    /** All flows' checkpoints begin so. */
    static final String PREFIX = ChangeKey.RESERVED_PREFIX + "checkpoint:";

    private static final String REPAIRS_PREFIX = ChangeKey.RESERVED_PREFIX + "repairs:";

    private static final String SCRIPTS_PREFIX = ChangeKey.RESERVED_PREFIX + "scripts:";

    private static final String PROBE_PREFIX = ChangeKey.RESERVED_PREFIX + "probe:";

    private final String flow;
    private final TopicPartition partition;
    private final String name;
    private final byte[] bytes;
    private final byte[] repairs;
    private final byte[] scripts;
    private final String construction;
    private final byte[] probe;

    /** At a target that is no cluster. */
    CheckpointKey(String flow, TopicPartition partition) {
        // The braces keep all of a flow's in one slot.
        this(flow, partition, "{" + flow + "}:" + partition.topic() + ":" + partition.partition());
    }

    /** At a cluster, in one of its slots. */
    static CheckpointKey inSlot(int slot, String flow, TopicPartition partition) {
        return new CheckpointKey(
                flow,
                partition,
                "{" + SlotTag.of(slot) + "}:" + flow + ":" + partition.topic() + ":" + partition.partition());
    }

    /** That of the same in another slot. */
    CheckpointKey inSlot(int slot) {
        return inSlot(slot, flow, partition);
    }

    private CheckpointKey(String flow, TopicPartition partition, String suffix) {
        this.flow = flow;
        this.partition = partition;
        this.name = PREFIX + suffix;
        this.bytes = name.getBytes(StandardCharsets.UTF_8);
        this.construction = "}:" + flow + ":" + partition.topic() + ":" + partition.partition();
        this.probe = (PROBE_PREFIX + suffix).getBytes(StandardCharsets.UTF_8);
        this.scripts = (SCRIPTS_PREFIX + suffix).getBytes(StandardCharsets.UTF_8);
        this.repairs = (REPAIRS_PREFIX + suffix).getBytes(StandardCharsets.UTF_8);
    }

    /** In which it is. */
    int slot() {
        return Slot.of(bytes);
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

    /** Whether a key is a checkpoint of this flow and partition, at a cluster perhaps in another slot. */
    boolean isSame(byte[] key) {
        String other = new String(key, StandardCharsets.UTF_8);
        int tag = name.indexOf('}');
        int otherTag = other.indexOf('}');
        return other.equals(name)
                || (other.startsWith(PREFIX + "{")
                        && !name.startsWith(PREFIX + "{" + flow + "}:")
                        && other.substring(otherTag).equals(name.substring(tag)));
    }

    /** The key of the set of repairs. Shared, not to be changed. */
    byte[] repairs() {
        return repairs;
    }

    /** The key of the hash of scripts. Shared, not to be changed. */
    byte[] scripts() {
        return scripts;
    }

    /** The key, in any database, under which a large value is built whose own key is in that slot. */
    byte[] construction(int slot) {
        return (ChangeKey.CONSTRUCTION_PREFIX + "{" + SlotTag.of(slot) + construction).getBytes(StandardCharsets.UTF_8);
    }

    /** A key that never exists. Shared, not to be changed. */
    byte[] probe() {
        return probe;
    }

    /** The key as text. */
    @Override
    public String toString() {
        return name;
    }
}
