package io.rediscdc.sink;

import io.rediscdc.model.Change;
import org.apache.kafka.common.TopicPartition;

/**
 * A change and where in Kafka it stands.
 *
 * @param offset offset of its record
 */
record Delivery(TopicPartition partition, long offset, Change change) {

    /** As topic-partition@offset. */
    String place() {
        return partition + "@" + offset;
    }
}
