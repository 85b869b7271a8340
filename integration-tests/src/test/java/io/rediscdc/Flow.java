package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Position;
import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** One source connector, one topic, one sink connector on the shared platform; ends with the test. */
final class Flow implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(90);

    final String name;
    private ConnectRest sourceRest = Platform.shared().rest();
    private ConnectRest sinkRest = sourceRest;
    private final RedisClientOf source;
    private final RedisClientOf target;
    private final Map<String, String> sourceConfig = new LinkedHashMap<>();
    private final Map<String, String> sinkConfig = new LinkedHashMap<>();

    Flow(String name, RedisServer from, RedisServer to) {
        this(name, from, null, to, null);
    }

    /** The passwords, null for none, are for the test; the connectors' configurations do not get them. */
    Flow(String name, RedisServer from, String fromPassword, RedisServer to, String toPassword) {
        this(name, new RedisClientOf(from, fromPassword), new RedisClientOf(to, toPassword));
        sourceConfig.put("redis.address", from.address());
        sinkConfig.put("redis.address", to.address());
    }

    /** Between deployments of any shape, which have clients of their own. */
    Flow(String name, Deployment from, Deployment to) {
        this(name, (RedisClientOf) null, null);
        sourceConfig.putAll(from.options());
        sinkConfig.putAll(to.options());
    }

    private Flow(String name, RedisClientOf source, RedisClientOf target) {
        this.name = Platform.shared().newName(name);
        this.source = source;
        this.target = target;
        sourceConfig.put("name", sourceName());
        sinkConfig.put("name", sinkName());
        sourceConfig.put("connector.class", "io.rediscdc.source.RedisSourceConnector");
        sourceConfig.put("tasks.max", "1");
        sourceConfig.put("topic.prefix", this.name);
        sourceConfig.put("topic", this.name);
        sourceConfig.put("heartbeat.interval.ms", "500");
        sourceConfig.put("exactly.once.support", "required");
        sourceConfig.put("transaction.boundary", "connector");
        sourceConfig.put("topic.creation.default.partitions", "1");
        sourceConfig.put("topic.creation.default.replication.factor", "1");
        sinkConfig.put("connector.class", "io.rediscdc.sink.RedisSinkConnector");
        sinkConfig.put("tasks.max", "1");
        sinkConfig.put("topics", this.name);
        sinkConfig.put("flow", this.name);
        sinkConfig.put("consumer.override.isolation.level", "read_committed");
        sinkConfig.put("consumer.override.auto.offset.reset", "earliest");
        sinkConfig.put("consumer.override.metadata.max.age.ms", "1000");
        // A killed worker's consumer holds its partitions for this long; the default is 45 s.
        sinkConfig.put("consumer.override.session.timeout.ms", "6000");
    }

    /** Lets the sink ask the source for the state of keys. */
    Flow withRepairs() {
        return with("repair.bootstrap.servers", Platform.shared().broker().bootstrap());
    }

    /** An option of both connectors. */
    Flow with(String option, String value) {
        sourceConfig.put(option, value);
        sinkConfig.put(option, value);
        return this;
    }

    Flow withSource(String option, String value) {
        sourceConfig.put(option, value);
        return this;
    }

    Flow withSink(String option, String value) {
        sinkConfig.put(option, value);
        return this;
    }

    Flow withoutSink(String option) {
        sinkConfig.remove(option);
        return this;
    }

    /** Lets another worker run the source connector, or answer for it. */
    Flow withSourceOn(ConnectWorker worker) {
        sourceRest = worker.rest();
        return this;
    }

    /** Lets another worker run the sink connector, or answer for it. */
    Flow withSinkOn(ConnectWorker worker) {
        sinkRest = worker.rest();
        return this;
    }

    ConnectRest sourceRest() {
        return sourceRest;
    }

    ConnectRest sinkRest() {
        return sinkRest;
    }

    Map<String, String> sourceConfig() {
        return sourceConfig;
    }

    Map<String, String> sinkConfig() {
        return sinkConfig;
    }

    String sourceName() {
        return name + "-source";
    }

    String sinkName() {
        return name + "-sink";
    }

    Flow start() {
        sourceRest.put(sourceName(), sourceConfig);
        sinkRest.put(sinkName(), sinkConfig);
        return this;
    }

    /** The source's partition as its offsets name it, fields in their order. */
    Map<String, ?> sourcePartition() {
        Map<String, String> partition = new LinkedHashMap<>();
        partition.put("source", name);
        partition.put("shard", "0");
        return partition;
    }

    /** Waits until the target has everything the source has written so far. */
    Flow awaitCaughtUp() {
        long wanted = source.number("PUBLISH", "caught-up", "?") >= 0
                ? Long.parseLong(source.info("replication", "master_repl_offset"))
                : -1;
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            assertThat(sourceRest.status(sourceName()).failure()).isNull();
            assertThat(sinkRest.status(sinkName()).failure()).isNull();
            Position applied = applied();
            assertThat(applied).as("position of %s", name).isNotNull();
            assertThat(snapshotPhase()).isEqualTo("closed");
            assertThat(applied.offset()).isGreaterThanOrEqualTo(wanted);
        });
        return this;
    }

    /** Waits until it has caught up, expire times are exact, and no key is owed a repair. */
    Flow awaitSettled() {
        awaitCaughtUp();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            assertThat(sinkRest.status(sinkName()).failure()).isNull();
            assertThat(target.text("HGET", checkpointKey(), "ttl")).isEqualTo("exact");
            assertThat(target.number("SCARD", checkpointKey().replace("checkpoint", "repairs")))
                    .as("keys that wait for a repair")
                    .isZero();
        });
        return this;
    }

    /** How far the target is, null if it has nothing. */
    Position applied() {
        Object position = target.call("HGET", checkpointKey(), "pos:0");
        return position == null ? null : Position.parse(target.text("HGET", checkpointKey(), "pos:0"));
    }

    private String snapshotPhase() {
        return target.text("HGET", checkpointKey(), "snapshot");
    }

    String checkpointKey() {
        return "__redis-cdc:checkpoint:{" + name + "}:" + name + ":0";
    }

    void deleteConnectors() {
        delete(sourceRest, sourceName());
        delete(sinkRest, sinkName());
    }

    private static void delete(ConnectRest rest, String connector) {
        if (rest.connectors().contains(connector)) {
            rest.delete(connector);
        }
    }

    /** Ends the flow and takes its checkpoint out of the target, which then holds what the source does. */
    void finish() {
        deleteConnectors();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(target.text("CLIENT", "LIST")).doesNotContain("name=redis-cdc"));
        target.call("DEL", checkpointKey());
    }

    RedisClientOf source() {
        return source;
    }

    RedisClientOf target() {
        return target;
    }

    @Override
    public void close() {
        deleteConnectors();
        if (source != null) {
            source.close();
            target.close();
        }
    }
}
