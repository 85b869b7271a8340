package io.rediscdc.benchmarks.tool;

import io.rediscdc.benchmarks.floor.FloorConfig;
import io.rediscdc.benchmarks.floor.FloorSink;
import io.rediscdc.benchmarks.floor.FloorSource;
import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.benchmarks.measure.Figure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What Kafka Connect itself takes for as many records: a source that makes them out of nothing, exactly once, and a sink
 * that counts them, with the producer and consumer options of ours. It copies nothing.
 */
public final class ConnectFloor implements Tool {

    private static final long POLL_MS = 10;
    private static final int POLLS_A_STATUS = 100;
    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    private static final AtomicInteger FLOWS = new AtomicInteger();

    private final Platforms platforms;
    private Platform platform;
    private String flow = "";

    public ConnectFloor(Platforms platforms) {
        this.platforms = platforms;
    }

    @Override
    public String name() {
        return "Connect floor";
    }

    @Override
    public boolean copies() {
        return false;
    }

    @Override
    public boolean follows() {
        return false;
    }

    @Override
    public boolean warmsUp() {
        return platforms.isWarm();
    }

    @Override
    public void prepare(Servers servers) {
        platform = platforms.take();
        flow = "floor-" + FLOWS.incrementAndGet();
    }

    @Override
    public void snapshot(Servers servers, long keys) {
        Path done = platform.directory().resolve(flow + ".done");
        platform.rest().put(sink(), sinkConfig(keys, done));
        platform.rest().put(source(), sourceConfig(keys));
        int[] polls = {0};
        Patience.await(name(), POLL_MS, () -> {
            if (++polls[0] % POLLS_A_STATUS == 0) {
                platform.requireRunning(List.of(source(), sink()));
            }
            return Files.exists(done);
        });
    }

    @Override
    public void follow(Servers servers) {
        throw new BenchmarkException(name() + " follows nothing");
    }

    @Override
    public void end(Servers servers) {
        platform.delete(List.of(source(), sink()));
        platform.deleteTopic(flow);
        platforms.giveBack(platform);
    }

    private String source() {
        return "source-" + flow;
    }

    private String sink() {
        return "sink-" + flow;
    }

    private Map<String, String> sourceConfig(long records) {
        Map<String, String> config = new HashMap<>();
        config.put("name", source());
        config.put("connector.class", FloorSource.class.getName());
        config.put("tasks.max", "1");
        config.put("key.converter", BYTES);
        config.put("value.converter", BYTES);
        config.put(FloorConfig.TOPIC, flow);
        config.put(FloorConfig.RECORDS, Long.toString(records));
        config.put(FloorConfig.VALUE_BYTES, Integer.toString(Dataset.SMALL_VALUE));
        config.put("exactly.once.support", "required");
        config.put("transaction.boundary", "connector");
        config.put("topic.creation.default.partitions", "1");
        config.put("topic.creation.default.replication.factor", "1");
        config.put("producer.override.batch.size", "131072");
        config.put("producer.override.buffer.memory", "16777216");
        config.put("producer.override.compression.type", "lz4");
        config.put("producer.override.linger.ms", "5");
        config.put("producer.override.retry.backoff.ms", "5");
        return config;
    }

    private Map<String, String> sinkConfig(long records, Path done) {
        Map<String, String> config = new HashMap<>();
        config.put("name", sink());
        config.put("connector.class", FloorSink.class.getName());
        config.put("tasks.max", "1");
        config.put("key.converter", BYTES);
        config.put("value.converter", BYTES);
        config.put("topics", flow);
        config.put(FloorConfig.RECORDS, Long.toString(records));
        config.put(FloorConfig.DONE_FILE, done.toString());
        config.put("consumer.override.max.poll.records", "2000");
        config.put("consumer.override.isolation.level", "read_committed");
        config.put("consumer.override.auto.offset.reset", "earliest");
        return config;
    }

    @Override
    public Map<Figure, Double> cpuSeconds() {
        return platform.cpuSeconds();
    }

    @Override
    public Map<Figure, Double> peakMb() {
        return platform.peakMb();
    }

    @Override
    public long logBytes() {
        return platform.logBytes(flow);
    }

    @Override
    public void close() {
        platforms.close();
    }
}
