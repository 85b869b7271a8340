package io.rediscdc.source;

import io.rediscdc.model.Change;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeHeaders;
import io.rediscdc.record.ChangeSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/** Turns changes into Connect's records. */
final class RecordFactory {

    private static final int PARTITION = 0;

    private final ChangeCodec codec = new ChangeCodec();
    private final String topic;
    private final Map<String, String> sourcePartition;
    private final boolean headers;

    RecordFactory(String topic, Map<String, String> sourcePartition, boolean headers) {
        this.topic = topic;
        this.sourcePartition = sourcePartition;
        this.headers = headers;
    }

    /**
     * Records for what one poll read. All but the last say to resume where the poll before ended: should Connect store
     * an offset in between, the rest is read again. So a poll needs two offset maps, not one a record.
     */
    List<SourceRecord> records(List<Change> changes, Map<String, ?> before, Map<String, ?> after) {
        int last = changes.size() - 1;
        List<SourceRecord> records = new ArrayList<>(changes.size());
        for (int i = 0; i <= last; i++) {
            records.add(record(changes.get(i), i == last ? after : before));
        }
        return records;
    }

    private SourceRecord record(Change change, Map<String, ?> offset) {
        return new ChangeRecord(
                sourcePartition, offset, topic, change, codec, headers ? ChangeHeaders.of(change) : null);
    }

    /**
     * A record that is equal only to itself. The worker looks every record up in a set of those that end a transaction;
     * with SourceRecord's own hash code that means to hash the whole value, several times, for each.
     */
    private static final class ChangeRecord extends SourceRecord {

        ChangeRecord(
                Map<String, ?> sourcePartition,
                Map<String, ?> offset,
                String topic,
                Change change,
                ChangeCodec codec,
                Iterable<Header> headers) {
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
}
