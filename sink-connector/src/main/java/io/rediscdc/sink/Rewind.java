package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.sink.target.TargetServer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a flow's checkpoints to other offsets, each as a new generation: the rule that accepts records starts anew there.
 * (KIP-875; without this the checkpoint would overrule what Kafka's REST API was told.)
 */
final class Rewind {

    /** What messages advise. */
    static final String HOW =
            "stop the connector (PUT /connectors/<name>/stop), set its offset to that of a snapshot.begin (PATCH"
                    + " /connectors/<name>/offsets; DELETE them for the beginning of the topic) and resume it";

    private static final Logger log = LoggerFactory.getLogger(Rewind.class);
    private static final int SCAN_COUNT = 1_000;

    private final Map<String, String> props;
    private final SinkConfig config;

    /** @throws ConnectException if the connector's configuration is wrong */
    Rewind(Map<String, String> props) {
        this.props = props;
        try {
            this.config = new SinkConfig(props);
        } catch (ConfigException e) {
            throw new ConnectException("the connector's configuration is wrong: " + e.getMessage(), e);
        }
    }

    /**
     * Rewinds to the offsets given, null for the beginning of the topic; without any, all checkpoints of the flow to the
     * beginning. Nothing is written before all are found to make sense.
     *
     * @throws ConnectException otherwise, or if the target cannot be written
     */
    void apply(Map<TopicPartition, Long> offsets) {
        offsets.forEach(this::check);
        try (TargetServer server = new TargetServer(config.connection())) {
            (offsets.isEmpty() ? everything(server) : offsets)
                    .forEach((partition, offset) -> rewind(server, partition, offset == null ? 0 : offset));
        } catch (RedisCdcException e) {
            throw new ConnectException(
                    "the offsets cannot be altered, since the target that keeps the checkpoints of flow "
                            + config.flow() + " cannot: " + e.getMessage() + ". Repeat the request when that is solved",
                    e);
        }
    }

    private void check(TopicPartition partition, Long offset) {
        if (!isRead(partition.topic())) {
            throw new ConnectException("the connector does not read topic " + partition.topic() + "; it reads "
                    + props.getOrDefault(
                            SinkConnector.TOPICS_CONFIG,
                            SinkTask.TOPICS_REGEX_CONFIG + " " + props.get(SinkTask.TOPICS_REGEX_CONFIG)));
        }
        if (partition.partition() < 0) {
            throw new ConnectException("there is no partition " + partition.partition() + " of topic "
                    + partition.topic() + "; give kafka_partition a number from 0");
        }
        if (offset != null && offset < 0) {
            throw new ConnectException(
                    "offset " + offset + " of " + partition
                            + " is negative; give kafka_offset a number from 0, or null as offset for the beginning of the topic");
        }
    }

    private boolean isRead(String topic) {
        String topics = props.get(SinkConnector.TOPICS_CONFIG);
        if (topics != null && !topics.isBlank()) {
            return Arrays.asList(topics.trim().split("\\s*,\\s*", -1)).contains(topic);
        }
        String regex = props.get(SinkTask.TOPICS_REGEX_CONFIG);
        return regex != null && Pattern.matches(regex, topic);
    }

    private void rewind(TargetServer server, TopicPartition partition, long offset) {
        if (config.connection().cluster() != null) {
            try (ClusterTarget cluster = new ClusterTarget(config.connection(), server)) {
                new ClusterClaim(config, partition, cluster).rewind(offset);
            }
        } else {
            rewindOne(server, partition, offset);
        }
        log.warn(
                "{}: rewound to offset {} as a new generation of flow {}: what is there is applied, again or not",
                partition,
                offset,
                config.flow());
    }

    private void rewindOne(TargetServer server, TopicPartition partition, long offset) {
        CheckpointKey key = new CheckpointKey(config.flow(), partition);
        try (TargetSession session = session(key, server)) {
            session.connect();
            new CheckpointClaim(key, session, errors(key)).rewind(offset);
        }
    }

    /** What a reset means for which Kafka has no offset yet. */
    private Map<TopicPartition, Long> everything(TargetServer server) {
        Map<TopicPartition, Long> found = new HashMap<>();
        if (config.connection().cluster() != null) {
            try (ClusterTarget cluster = new ClusterTarget(config.connection(), server)) {
                for (RedisAddress master : cluster.masters()) {
                    find(cluster.connection(master), "}:" + config.flow() + ":", found);
                }
            }
            return found;
        }
        CheckpointKey any = new CheckpointKey(config.flow(), new TopicPartition("", 0));
        try (TargetSession session = session(any, server)) {
            session.connect();
            find(session.connection(), "{" + config.flow() + "}:", found);
        }
        return found;
    }

    /** @param before what stands in the names of its checkpoints before the topic */
    private static void find(TargetConnection connection, String before, Map<TopicPartition, Long> found) {
        String cursor = "0";
        do {
            cursor = connection.reader().scan(0, cursor, CheckpointKey.PREFIX + "*", SCAN_COUNT, bytes -> {
                String name = new String(bytes, StandardCharsets.UTF_8);
                int at = before.startsWith("{") ? CheckpointKey.PREFIX.length() : name.indexOf('}');
                int topic = at + before.length();
                int colon = name.lastIndexOf(':');
                if (at >= 0 && name.startsWith(before, at) && colon >= topic) {
                    found.put(
                            new TopicPartition(
                                    name.substring(topic, colon), Integer.parseInt(name.substring(colon + 1))),
                            0L);
                }
            });
        } while (!cursor.equals("0"));
    }

    private TargetSession session(CheckpointKey key, TargetServer server) {
        return new TargetSession(
                key,
                config.delivery(),
                server,
                config.connection().server(),
                config.connection().commandTimeoutMs(),
                errors(key),
                new WriterMetrics());
    }

    private WriterErrors errors(CheckpointKey key) {
        return new WriterErrors(key, config.delivery(), config.connection().server());
    }
}
