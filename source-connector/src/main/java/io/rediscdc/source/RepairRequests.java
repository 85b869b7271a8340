package io.rediscdc.source;

import io.rediscdc.config.RepairConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.source.capture.StateRequests;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the requests of sinks, and of operators, from the topic for them, from its end on: who asks asks again until the
 * history has an answer, so nothing has to be remembered, and there is no consumer group. What does not fit into a bounded
 * number is dropped.
 *
 * <p>A thread of its own waits for Kafka, so that a broker that is away holds up no poll of the history, and trouble with
 * the topic stops nothing: it is logged once and tried again.
 */
final class RepairRequests implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(RepairRequests.class);
    private static final int MOST_PENDING = 10_000;
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final long PAUSE_MS = 5_000;
    private static final int KAFKA_TIMEOUT_MS = 10_000;
    private static final String RETENTION_MS = Long.toString(Duration.ofDays(1).toMillis());

    private final RepairConfig config;
    private final String topic;

    /** By shard: any may be the one to answer. */
    private final List<Pending> shards = new CopyOnWriteArrayList<>();

    private final Thread thread;
    private volatile boolean closed;
    private boolean inTrouble;

    /** @param changes the topic of the history */
    RepairRequests(RepairConfig config, String changes) {
        this.config = config;
        this.topic = config.topicFor(changes);
        this.thread = new Thread(this::run, "redis-cdc-repairs-" + topic);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** What a shard is asked for. */
    StateRequests forShard() {
        Pending pending = new Pending();
        shards.add(pending);
        return pending;
    }

    /** Keys that a shard has been asked for, and not been told of yet. */
    private static final class Pending implements StateRequests {

        private final Set<ChangeKey> keys = new LinkedHashSet<>();

        @Override
        public synchronized List<ChangeKey> take(int max) {
            List<ChangeKey> taken = new ArrayList<>(Math.min(max, keys.size()));
            Iterator<ChangeKey> all = keys.iterator();
            while (taken.size() < max && all.hasNext()) {
                taken.add(all.next());
                all.remove();
            }
            return taken;
        }

        synchronized void add(ChangeKey key) {
            if (keys.size() < MOST_PENDING) {
                keys.add(key);
            }
        }
    }

    private void run() {
        while (!closed) {
            try {
                provideTopic();
                listen();
            } catch (InterruptException | InterruptedException e) {
                LOG.debug("No longer listening to topic {}", topic, e);
                return;
            } catch (KafkaException | ExecutionException e) {
                pauseAfter(e instanceof ExecutionException ? e.getCause() : e);
            }
        }
    }

    private void provideTopic() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(config.clientProperties())) {
            if (admin.listTopics().names().get().contains(topic)) {
                return;
            }
            NewTopic made = new NewTopic(topic, Optional.of(1), Optional.empty())
                    .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, RETENTION_MS));
            admin.createTopics(List.of(made)).all().get();
            LOG.info("Made topic {} for requests of repairs", topic);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private void listen() {
        Map<String, Object> properties = config.clientProperties();
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, KAFKA_TIMEOUT_MS);
        properties.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, KAFKA_TIMEOUT_MS);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, bytes, bytes)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                // Not all brokers know at once of a topic that was made a moment ago.
                throw new UnknownTopicOrPartitionException("the brokers do not know it (yet)");
            }
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
            LOG.info("Listening to topic {} for requests of repairs", topic);
            inTrouble = false;
            receiveUntilClosed(consumer);
        }
        LOG.info("No longer listening to topic {}", topic);
    }

    private void receiveUntilClosed(Consumer<byte[], byte[]> consumer) {
        try {
            while (!closed) {
                receive(consumer);
            }
        } catch (InterruptException e) {
            // By close(). A consumer that is closed by an interrupted thread logs an error.
            Thread.interrupted();
        }
    }

    void receive(Consumer<byte[], byte[]> consumer) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(WAIT)) {
            try {
                ChangeKey key = RepairRequest.parse(record.value());
                if (ChangeKey.isReserved(key.key())) {
                    LOG.warn(
                            "{}@{}: asks for a key of this connector's own; none is replicated",
                            topic,
                            record.offset());
                } else {
                    shards.forEach(shard -> shard.add(key));
                }
            } catch (RedisCdcException e) {
                LOG.warn("{}@{}: {}", topic, record.offset(), e.getMessage());
            }
        }
    }

    private void pauseAfter(Throwable trouble) {
        if (!inTrouble) {
            inTrouble = true;
            LOG.warn(
                    "Cannot read requests for repairs from topic {}: {}; trying again. Does {} lead to the brokers, and may"
                            + " this connector read, describe and create the topic? The history is not concerned",
                    topic,
                    trouble.getMessage(),
                    RepairConfig.BOOTSTRAP_SERVERS);
        }
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /** Does not wait for the thread to end, which it does soon. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
