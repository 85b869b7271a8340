package io.rediscdc.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectRestException;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.KafkaBroker;
import io.rediscdc.standalone.process.LocalPorts;
import io.rediscdc.standalone.process.RedisBinary;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** All that a flow needs, from the source to the target, each in a process of its own that may be killed. */
final class ChaosBed implements Closeable {

    static final String FLOW = "chaos";
    private static final String SOURCE = FLOW + "-source";
    private static final String SINK = FLOW + "-sink";
    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{" + FLOW + "}:" + FLOW + ":0";

    private static final String[] ACCOUNTS = Stream.concat(
                    Stream.of("MGET"), IntStream.range(0, Writer.ACCOUNTS).mapToObj(Writer::account))
            .toArray(String[]::new);

    private final KafkaBroker broker;
    private final ConnectWorker worker;
    private final SourceShard source;
    private final RedisServer target;
    private final ChaosProxy targetFront;

    /** @param directory for data and logs */
    ChaosBed(Path directory) throws IOException {
        Home home = Home.fromSystemProperty();
        source = new SourceShard(directory);
        target = RedisServer.running(
                RedisBinary.find(),
                directory.resolve("target"),
                LocalPorts.free(),
                List.of("--appendonly", "yes", "--appendfsync", "always"));
        targetFront = new ChaosProxy(target.port());
        broker = KafkaBroker.running(home, directory.resolve("broker"));
        // A group forgets a killed member after this time; the defaults are 10 s and 3 s.
        Map<String, String> group = Map.of("session.timeout.ms", "6000", "heartbeat.interval.ms", "2000");
        worker = new ConnectWorker(
                home, directory.resolve("worker"), broker.bootstrap(), ConnectWorker.DEFAULT_HEAP, group, Map.of());
        worker.start();
    }

    void startFlow() {
        rest().put(SOURCE, patient(sourceConfig()));
        rest().put(SINK, patient(sinkConfig()));
    }

    /** A machine that is busy with other things is no fault of ours. */
    private Map<String, String> patient(Map<String, String> config) {
        config.put("connection.validation.timeout.ms", "60000");
        config.put("redis.connect.timeout.ms", "30000");
        config.put("repair.bootstrap.servers", broker.bootstrap());
        return config;
    }

    private Map<String, String> sourceConfig() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("name", SOURCE);
        config.put("connector.class", "io.rediscdc.source.RedisSourceConnector");
        config.put("tasks.max", "1");
        config.put("redis.address", source.address());
        config.put("topic.prefix", FLOW);
        config.put("topic", FLOW);
        config.put("heartbeat.interval.ms", "1000");
        config.put("exactly.once.support", "required");
        config.put("transaction.boundary", "connector");
        config.put("topic.creation.default.partitions", "1");
        config.put("topic.creation.default.replication.factor", "1");
        return config;
    }

    private Map<String, String> sinkConfig() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("name", SINK);
        config.put("connector.class", "io.rediscdc.sink.RedisSinkConnector");
        config.put("tasks.max", "1");
        config.put("redis.address", targetFront.address());
        config.put("topics", FLOW);
        config.put("flow", FLOW);
        config.put("consumer.override.isolation.level", "read_committed");
        config.put("consumer.override.auto.offset.reset", "earliest");
        config.put("consumer.override.session.timeout.ms", "6000");
        return config;
    }

    KafkaBroker broker() {
        return broker;
    }

    ConnectWorker worker() {
        return worker;
    }

    SourceShard source() {
        return source;
    }

    RedisServer target() {
        return target;
    }

    /** Between the sink connector and the target. */
    ChaosProxy targetFront() {
        return targetFront;
    }

    /** The target itself, for whoever looks at it. */
    RedisUri targetUri() {
        return RedisUri.parse(target.uri());
    }

    /** The trace of a connector or task that failed; null if none has, or the worker does not answer. */
    String failure() {
        try {
            String ofSource = rest().status(SOURCE).failure();
            return ofSource != null
                    ? "source: " + ofSource
                    : prefixed(rest().status(SINK).failure());
        } catch (ConnectRestException e) {
            return null;
        }
    }

    private static String prefixed(String failure) {
        return failure == null ? null : "sink: " + failure;
    }

    /** How many lines of the worker's log hold that text; a log that had become too long begins anew. */
    long logged(String text) throws IOException {
        try (Stream<String> lines = Files.lines(worker.log())) {
            return lines.filter(line -> line.contains(text)).count();
        }
    }

    /** Ends the connectors and takes the checkpoint out of the target, which then holds what the source does. */
    void stopFlow() {
        rest().delete(SOURCE);
        rest().delete(SINK);
        try (RedisConnection connection = RedisConnection.open(targetUri())) {
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(connection.text("CLIENT", "LIST"))
                    .doesNotContain("name=redis-cdc"));
            connection.call("DEL", CHECKPOINT);
        }
    }

    /** Whether the target lies between the begin and the end of a snapshot, and the accounts' sum there, at one moment. */
    TargetView view(RedisConnection connection) {
        connection.call("MULTI");
        connection.call("HGET", CHECKPOINT, "snapshot");
        connection.call(ACCOUNTS);
        List<?> replies = (List<?>) connection.call("EXEC");
        boolean open = !"closed".equals(RedisConnection.string(replies.get(0)));
        return new TargetView(open, sum((List<?>) replies.get(1)));
    }

    /** Of all accounts at a server. */
    long sum(RedisConnection connection) {
        return sum((List<?>) connection.call(ACCOUNTS));
    }

    private static long sum(List<?> numbers) {
        return numbers.stream()
                .map(RedisConnection::string)
                .mapToLong(number -> number == null ? 0 : Long.parseLong(number))
                .sum();
    }

    /**
     * What is seen of the target at one moment.
     *
     * @param inSnapshot whether keys are of different times
     * @param sum of all accounts
     */
    record TargetView(boolean inSnapshot, long sum) {}

    private ConnectRest rest() {
        return worker.rest();
    }

    @Override
    public void close() throws IOException {
        worker.close();
        broker.close();
        targetFront.close();
        target.close();
        source.close();
    }
}
