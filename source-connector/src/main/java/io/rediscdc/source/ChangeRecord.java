package io.rediscdc.source;

import io.rediscdc.model.Change;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeSchema;
import java.util.Map;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * A change as Connect's record. Equal only to itself: the worker looks every record up in a set of those that end a
 * transaction, and with SourceRecord's own hash code that means to hash the whole value, several times, for each.
 */
final class ChangeRecord extends SourceRecord {

    private static final int PARTITION = 0;

    private final Deliveries.Batch batch;
    private final long replicationOffset;

    /** @param batch what its delivery is noted in, null if nobody asks */
    ChangeRecord(
            Map<String, ?> sourcePartition,
            Map<String, ?> offset,
            String topic,
            Change change,
            ChangeCodec codec,
            Iterable<Header> headers,
            Deliveries.Batch batch) {
        super(
                sourcePartition,
                offset,
                topic,
                PARTITION,
                ChangeSchema.KEY,
                codec.key(change.key()),
                ChangeSchema.VALUE,
                codec.value(change),
                change.stamp().tsMs(),
                headers);
        this.batch = batch;
        this.replicationOffset = change.stamp().position().offset();
    }

    /** Where the change stands in the source's history. */
    long replicationOffset() {
        return replicationOffset;
    }

    Deliveries.Batch batch() {
        return batch;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
