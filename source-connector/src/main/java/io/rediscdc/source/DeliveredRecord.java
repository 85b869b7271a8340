package io.rediscdc.source;

import org.apache.kafka.connect.source.SourceRecord;

/** A record that knows what to note its delivery in. */
final class DeliveredRecord extends SourceRecord {

    private final Deliveries.Batch batch;

    DeliveredRecord(SourceRecord record, Deliveries.Batch batch) {
        super(
                record.sourcePartition(),
                record.sourceOffset(),
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                record.valueSchema(),
                record.value(),
                record.timestamp(),
                record.headers());
        this.batch = batch;
    }

    Deliveries.Batch batch() {
        return batch;
    }
}
