package io.rediscdc.source;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/** Turns changes into Connect's records. */
final class RecordFactory {

    private final ChangeCodec codec;
    private final String topic;
    private final Map<String, String> sourcePartition;
    private final boolean headers;
    private final boolean compacted;

    /**
     * @param headers whether every record has them; else only those that are no change of a key, of which there are few
     * @param compacted whether deletions are tombstones
     */
    RecordFactory(
            ChangeCodec codec, String topic, Map<String, String> sourcePartition, boolean headers, boolean compacted) {
        this.codec = codec;
        this.topic = topic;
        this.sourcePartition = sourcePartition;
        this.headers = headers;
        this.compacted = compacted;
    }

    /**
     * Records for what one poll read. All but the last say to resume where the poll before ended: should Connect store
     * an offset in between, the rest is read again. So a poll needs two offset maps, not one a record.
     *
     * @param delivery what the records' delivery is noted in, null if nobody asks
     */
    List<SourceRecord> records(
            List<Change> changes, Map<String, ?> before, Map<String, ?> after, Deliveries.Batch delivery) {
        int last = changes.size() - 1;
        List<SourceRecord> records = new ArrayList<>(changes.size());
        for (int i = 0; i <= last; i++) {
            records.add(record(changes.get(i), i == last ? after : before, delivery));
        }
        return records;
    }

    private SourceRecord record(Change change, Map<String, ?> offset, Deliveries.Batch delivery) {
        if (compacted && change.op() == Op.DEL) {
            return ChangeRecord.tombstone(sourcePartition, offset, topic, change, codec, delivery);
        }
        ConnectHeaders shown = headers || !isFrequent(change.op()) ? ChangeHeaders.of(change) : null;
        return new ChangeRecord(sourcePartition, offset, topic, change, codec, shown, delivery);
    }

    private static boolean isFrequent(Op op) {
        return op == Op.SET || op == Op.DEL || op == Op.COMMAND || op == Op.PUBLISH;
    }
}
