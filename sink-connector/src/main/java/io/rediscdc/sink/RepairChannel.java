package io.rediscdc.sink;

import io.rediscdc.config.RepairConfig;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.RepairRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic by which a task asks the source for the state of keys. What cannot be sent is asked again later by whoever
 * asked; nobody waits for it. Connects when it is needed. Used by one thread.
 */
final class RepairChannel implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RepairChannel.class);

    /** How long a call may wait for Kafka to say where the topic is. */
    private static final int MAX_BLOCK_MS = 500;

    private static final int DELIVERY_TIMEOUT_MS = 20_000;
    private static final int REQUEST_TIMEOUT_MS = 10_000;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final RepairConfig config;
    private final DatabaseMap databases;
    private final Function<Map<String, Object>, Producer<byte[], byte[]>> client;
    private final AtomicReference<Exception> trouble = new AtomicReference<>();
    private Producer<byte[], byte[]> producer;
    private boolean inTrouble;
    private long pausedUntil = System.nanoTime();

    RepairChannel(RepairConfig config, DatabaseMap databases) {
        this(config, databases, RepairChannel::kafka);
    }

    /** @param client makes the client from its properties */
    RepairChannel(
            RepairConfig config,
            DatabaseMap databases,
            Function<Map<String, Object>, Producer<byte[], byte[]>> client) {
        this.config = config;
        this.databases = databases;
        this.client = client;
    }

    /**
     * Asks for a key. Not for one of a database that nothing is written to, as there can be from before {@code db.map}.
     *
     * @param changes topic of its changes
     * @param key as at the target
     * @return false if that is not possible now
     */
    boolean ask(String changes, ChangeKey key) {
        if (System.nanoTime() - pausedUntil < 0) {
            return false;
        }
        int db = databases.atSource(key.db());
        if (db == DatabaseMap.DROPPED) {
            return true;
        }
        String topic = config.topicFor(changes);
        try {
            if (producer == null) {
                producer = client.apply(properties());
            }
            ChangeKey wanted = new ChangeKey(db, key.key());
            ProducerRecord<byte[], byte[]> request = new ProducerRecord<>(topic, RepairRequest.encode(wanted));
            Future<RecordMetadata> unused = producer.send(request, this::sent);
        } catch (KafkaException e) {
            trouble.set(e);
        }
        Exception failure = trouble.getAndSet(null);
        if (failure == null) {
            return true;
        }
        pausedUntil = System.nanoTime() + PAUSE_NANOS;
        if (!inTrouble) {
            log.warn(
                    "Cannot ask for repairs by topic {}: {}; trying again. Does {} lead to the brokers that have it, and"
                            + " does the source connector have the same?",
                    topic,
                    failure.getMessage(),
                    RepairConfig.BOOTSTRAP_SERVERS);
            inTrouble = true;
        }
        return false;
    }

    private void sent(RecordMetadata metadata, Exception failure) {
        if (failure != null) {
            trouble.set(failure);
        }
    }

    private Map<String, Object> properties() {
        Map<String, Object> properties = config.clientProperties();
        properties.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MS);
        properties.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        properties.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        return properties;
    }

    private static Producer<byte[], byte[]> kafka(Map<String, Object> properties) {
        ByteArraySerializer serializer = new ByteArraySerializer();
        return new KafkaProducer<>(properties, serializer, serializer);
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }
}
