package io.rediscdc.standalone.replicate;

import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.redis.RedisUri;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The configs of a flow's two connectors. Passwords are not in them, only the names of the worker's environment
 * variables that hold them: so they reach neither Kafka nor REST answers.
 *
 * @param name of the flow, which its checkpoint bears in the target
 * @param historyHours how long Kafka keeps changes, if the target is away
 */
record FlowConfig(String name, RedisUri source, RedisUri target, int historyHours) {

    static final String TOPIC = "redis";
    static final String SOURCE_CONNECTOR = "redis-source";
    static final String SINK_CONNECTOR = "redis-sink";

    private static final String SOURCE_PASSWORD = ConnectWorker.ENVIRONMENT_PREFIX + "SOURCE_PASSWORD";
    private static final String TARGET_PASSWORD = ConnectWorker.ENVIRONMENT_PREFIX + "TARGET_PASSWORD";
    private static final String BROKERS = ConnectWorker.ENVIRONMENT_PREFIX + "BROKERS";

    Map<String, String> sourceConnector() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("name", SOURCE_CONNECTOR);
        config.put("connector.class", "io.rediscdc.source.RedisSourceConnector");
        config.put("tasks.max", "1");
        putServer(config, source, SOURCE_PASSWORD);
        config.put("topic", TOPIC);
        config.put("topic.prefix", source.address().replaceAll("[^A-Za-z0-9.-]", "_"));
        config.put("capture.mode", "replica");
        config.put("heartbeat.interval.ms", "1000");
        config.put("repair.bootstrap.servers", "${env:" + BROKERS + "}");
        config.put("exactly.once.support", "required");
        config.put("transaction.boundary", "connector");
        config.put("topic.creation.default.partitions", "1");
        config.put("topic.creation.default.replication.factor", "1");
        config.put("topic.creation.default.cleanup.policy", "delete");
        config.put("topic.creation.default.retention.ms", Long.toString(historyHours * 3_600_000L));
        config.put("producer.override.batch.size", "131072");
        config.put("producer.override.buffer.memory", "16777216");
        config.put("producer.override.compression.type", "lz4");
        config.put("producer.override.linger.ms", "5");
        config.put("producer.override.retry.backoff.ms", "5");
        return config;
    }

    Map<String, String> sinkConnector() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("name", SINK_CONNECTOR);
        config.put("connector.class", "io.rediscdc.sink.RedisSinkConnector");
        config.put("tasks.max", "1");
        config.put("topics", TOPIC);
        putServer(config, target, TARGET_PASSWORD);
        config.put("flow", name);
        config.put("repair.bootstrap.servers", "${env:" + BROKERS + "}");
        config.put("consumer.override.max.poll.records", "2000");
        config.put("consumer.override.isolation.level", "read_committed");
        config.put("consumer.override.auto.offset.reset", "earliest");
        // How long a killed worker's consumer keeps its partition from the next; the default is 45 s.
        config.put("consumer.override.session.timeout.ms", "10000");
        return config;
    }

    /** What the worker's environment must hold, with brokers at {@code bootstrap}. */
    Map<String, String> environment(String bootstrap) {
        Map<String, String> environment = new HashMap<>();
        environment.put(BROKERS, bootstrap);
        if (source.password() != null) {
            environment.put(SOURCE_PASSWORD, source.password());
        }
        if (target.password() != null) {
            environment.put(TARGET_PASSWORD, target.password());
        }
        return environment;
    }

    private static void putServer(Map<String, String> config, RedisUri server, String passwordVariable) {
        config.put("redis.address", server.address());
        if (server.user() != null) {
            config.put("redis.username", server.user());
        }
        if (server.password() != null) {
            config.put("redis.password", "${env:" + passwordVariable + "}");
        }
    }
}
