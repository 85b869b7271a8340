package io.rediscdc;

import static org.awaitility.Awaitility.await;

import io.rediscdc.converter.ChangeConverter;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.record.ChangeCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.header.ConnectHeaders;

/** A flow's topic on the shared broker, with one partition. */
final class Topic {

    /** A record of it. */
    record Entry(long offset, Change change) {

        long replicationOffset() {
            return change.stamp().position().offset();
        }
    }

    private final String name;

    Topic(Flow flow) {
        name = flow.name;
    }

    /** What a reader of committed records sees. */
    List<Entry> committed() {
        Properties props = client();
        props.put("isolation.level", "read_committed");
        ChangeConverter converter = new ChangeConverter();
        ChangeCodec codec = new ChangeCodec();
        List<Entry> entries = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(props, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition()));
            consumer.seekToBeginning(List.of(partition()));
            long end = consumer.endOffsets(List.of(partition())).get(partition());
            while (consumer.position(partition()) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Object key = converter.toConnectData(name, record.key()).value();
                    Object value = converter.toConnectData(name, record.value()).value();
                    Change change = value == null
                            ? codec.tombstone(key, headers(record), record.timestamp())
                            : codec.change(key, value);
                    entries.add(new Entry(record.offset(), change));
                }
            }
        }
        return entries;
    }

    private static ConnectHeaders headers(ConsumerRecord<?, ?> record) {
        ConnectHeaders headers = new ConnectHeaders();
        record.headers()
                .forEach(header -> headers.addString(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        return headers;
    }

    /** Kafka offsets of the snapshots' begins. */
    List<Long> snapshots() {
        return committed().stream()
                .filter(entry -> entry.change().op() == Op.SNAPSHOT_BEGIN)
                .map(Entry::offset)
                .toList();
    }

    /** Waits until something comes that was not there before, committed or not. */
    void awaitMore(Runnable cause) {
        try (Admin admin = Admin.create(client())) {
            long before = end(admin);
            cause.run();
            await().atMost(Flow.PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> end(admin) > before);
        }
    }

    private long end(Admin admin) {
        try {
            return admin.listOffsets(Map.of(partition(), OffsetSpec.latest()))
                    .partitionResult(partition())
                    .get()
                    .offset();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Deletes what stands before a Kafka offset, as retention does. */
    void deleteBefore(long offset) {
        try (Admin admin = Admin.create(client())) {
            admin.deleteRecords(Map.of(partition(), RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the sink's group has committed, -1 for nothing. */
    long committedBy(String sink) {
        try (Admin admin = Admin.create(client())) {
            return admin
                    .listConsumerGroupOffsets("connect-" + sink)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .entrySet()
                    .stream()
                    .filter(entry -> entry.getKey().equals(partition()) && entry.getValue() != null)
                    .map(entry -> entry.getValue().offset())
                    .findFirst()
                    .orElse(-1L);
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private TopicPartition partition() {
        return new TopicPartition(name, 0);
    }

    private static Properties client() {
        Properties props = new Properties();
        props.put("bootstrap.servers", Platform.shared().broker().bootstrap());
        return props;
    }
}
