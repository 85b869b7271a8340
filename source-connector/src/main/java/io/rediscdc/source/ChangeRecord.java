package io.rediscdc.source;

import io.rediscdc.model.Change;
import io.rediscdc.model.Position;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeHeaders;
import io.rediscdc.record.ChangeSchema;
import java.util.Map;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * A change as Connect's record. Equal only to itself: the worker looks every record up in a set of those that end a
 * transaction, and with SourceRecord's own hash code that means to hash the whole value, several times, for each.
 */
final class ChangeRecord extends SourceRecord {

    private final Deliveries.Batch batch;
    private final Position position;

    /** What the value is decoded from, and what does it; null if there was nothing to decode. */
    private final Change undecoded;

    private final ChangeCodec codec;

    /**
     * What ends a key in a compacted topic: no value, and all else in the headers.
     *
     * @param batch what its delivery is noted in, null if nobody asks
     */
    static ChangeRecord tombstone(
            Map<String, ?> sourcePartition,
            Map<String, ?> offset,
            String topic,
            Change deletion,
            ChangeCodec codec,
            Deliveries.Batch batch) {
        return new ChangeRecord(sourcePartition, offset, topic, deletion, codec, batch);
    }

    private ChangeRecord(
            Map<String, ?> sourcePartition,
            Map<String, ?> offset,
            String topic,
            Change deletion,
            ChangeCodec codec,
            Deliveries.Batch batch) {
        super(
                sourcePartition,
                offset,
                topic,
                deletion.stamp().partition(),
                ChangeSchema.KEY,
                codec.key(deletion.key()),
                null,
                null,
                deletion.stamp().tsMs(),
                ChangeHeaders.ofTombstone(deletion));
        this.batch = batch;
        this.position = deletion.stamp().position();
        this.undecoded = null;
        this.codec = codec;
    }

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
                change.stamp().partition(),
                ChangeSchema.KEY,
                codec.key(change.key()),
                ChangeSchema.VALUE,
                codec.decodes(change) ? null : codec.value(change),
                change.stamp().tsMs(),
                headers);
        this.batch = batch;
        this.position = change.stamp().position();
        this.undecoded = codec.decodes(change) ? change : null;
        this.codec = codec;
    }

    /**
     * The elements of a value take many times the memory of its dump, and a poll has thousands of values: so each is decoded
     * when it is its turn to be converted, and not kept.
     */
    @Override
    public Object value() {
        return undecoded == null ? super.value() : codec.value(undecoded);
    }

    /** Where the change stands in the source's history. */
    long replicationOffset() {
        return position.offset();
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
        return Long.hashCode(31 * position.offset() + position.index());
    }
}
