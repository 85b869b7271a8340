package io.rediscdc.sink;

import io.rediscdc.model.Change;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * A change and where in Kafka it stands.
 *
 * @param offset offset of its record
 * @param record the record as it came, null unless it may have to be reported
 */
record Delivery(TopicPartition partition, long offset, Change change, SinkRecord record) {

    Delivery(TopicPartition partition, long offset, Change change) {
        this(partition, offset, change, null);
    }

    /** Another change in place of this one. */
    Delivery with(Change other) {
        return new Delivery(partition, offset, other, record);
    }

    /** As topic-partition@offset. */
    String place() {
        return partition + "@" + offset;
    }
}
