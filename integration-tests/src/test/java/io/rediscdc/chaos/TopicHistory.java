package io.rediscdc.chaos;

import io.rediscdc.converter.ChangeConverter;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.record.ChangeCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What the topic says at the end, read by itself: it is a witness independent of what sink and source think they did. */
final class TopicHistory {

    /**
     * A full synchronisation after the first.
     *
     * @param replid of the last record before it
     * @param offset of that record
     * @param afterBroken whether the one before had broken off, so that there was nothing to continue
     */
    record Resync(String replid, long offset, boolean afterBroken) {}

    private long records;
    private long duplicates;
    private long gaps;
    private final List<Resync> resyncs = new ArrayList<>();
    private Position last;
    private String lastReplid;
    private boolean inSnapshot;

    /** Reads all committed records of the flow's only partition. */
    static TopicHistory read(String bootstrap) {
        TopicHistory history = new TopicHistory();
        TopicPartition partition = new TopicPartition(ChaosBed.FLOW, 0);
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofSeconds(1));
                polled.forEach(history::take);
            }
        }
        return history;
    }

    private final ChangeConverter keys = converter(true);
    private final ChangeConverter values = converter(false);
    private final ChangeCodec codec = new ChangeCodec();

    private static ChangeConverter converter(boolean ofKeys) {
        ChangeConverter converter = new ChangeConverter();
        converter.configure(Map.of(), ofKeys);
        return converter;
    }

    private void take(ConsumerRecord<byte[], byte[]> kafka) {
        Change change = codec.change(
                keys.toConnectData(kafka.topic(), kafka.key()).value(),
                values.toConnectData(kafka.topic(), kafka.value()).value());
        Position position = change.stamp().position();
        records++;
        if (last != null && !position.isAfter(last)) {
            duplicates++;
            return;
        }
        if (last != null && change.stamp().prev().isAfter(last)) {
            gaps++;
        }
        if (change.op() == Op.SNAPSHOT_BEGIN) {
            if (last != null) {
                resyncs.add(new Resync(lastReplid, last.offset(), inSnapshot));
            }
            inSnapshot = true;
        } else if (change.op() == Op.SNAPSHOT_END) {
            inSnapshot = false;
        }
        last = position;
        lastReplid = change.stamp().origin().replid();
    }

    long records() {
        return records;
    }

    /** Records that say again what one before them said: a sink skips them. */
    long duplicates() {
        return duplicates;
    }

    /** Records that follow one which is not there. */
    long gaps() {
        return gaps;
    }

    List<Resync> resyncs() {
        return resyncs;
    }
}
