package io.rediscdc.benchmarks.tool;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Position;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.replicate.Endpoint;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Our source and sink connectors, with the configs that the distribution ships, each time with a topic and names of their
 * own. What is measured begins with their deployment.
 */
public final class RedisCdc implements Tool {

    private static final long POLL_MS = 10;
    /** Looks at the connectors every so many polls: REST costs the worker more than the target's answer. */
    private static final int POLLS_A_STATUS = 100;

    private static final AtomicInteger FLOWS = new AtomicInteger();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Platforms platforms;
    private final String name;
    private final Map<String, String> sourceOptions;
    private final Map<String, String> sinkOptions;
    private Platform platform;
    private String flow = "";

    /**
     * @param platforms where the worker comes from
     * @param sourceOptions replace options of the shipped config; so do sinkOptions
     */
    public RedisCdc(
            String name, Platforms platforms, Map<String, String> sourceOptions, Map<String, String> sinkOptions) {
        this.name = name;
        this.platforms = platforms;
        this.sourceOptions = Map.copyOf(sourceOptions);
        this.sinkOptions = Map.copyOf(sinkOptions);
    }

    @Override
    public String name() {
        return name;
    }

    /** A worker that follows for long is warm; a snapshot by SCAN follows nothing. */
    @Override
    public boolean follows() {
        return platforms.isWarm() && !"snapshot".equals(sourceOptions.get("scan.mode"));
    }

    @Override
    public boolean warmsUp() {
        return platforms.isWarm();
    }

    @Override
    public void prepare(Servers servers) {
        platform = platforms.take();
        flow = "benchmark-" + FLOWS.incrementAndGet();
    }

    @Override
    public void snapshot(Servers servers, long keys) {
        follow(servers);
        awaitSnapshot(servers);
    }

    @Override
    public void follow(Servers servers) {
        platform.rest().put(sink(), sinkConfig(servers.targetUri()));
        platform.rest().put(source(), sourceConfig(servers.sourceUri()));
    }

    @Override
    public void end(Servers servers) {
        platform.delete(connectors());
        platform.deleteTopic(flow);
        try (Endpoint target = Endpoint.open("target", servers.targetUri())) {
            target.removeReservedKeys(null);
        }
        platforms.giveBack(platform);
    }

    /** The sink's checkpoint says that the whole snapshot is in the target. */
    private void awaitSnapshot(Servers servers) {
        String checkpoint = ChangeKey.RESERVED_PREFIX + "checkpoint:{" + flow + "}:" + flow + ":0";
        int[] polls = {0};
        Patience.await(name + " snapshot", POLL_MS, () -> {
            if (++polls[0] % POLLS_A_STATUS == 0) {
                platform.requireRunning(connectors());
            }
            List<?> fields = (List<?>) servers.target().call("HMGET", checkpoint, "pos:0", "snapshot");
            String position = RedisConnection.string(fields.get(0));
            return position != null
                    && Position.parse(position).epoch() > 0
                    && !"open".equals(RedisConnection.string(fields.get(1)));
        });
    }

    private String source() {
        return "source-" + flow;
    }

    private String sink() {
        return "sink-" + flow;
    }

    private List<String> connectors() {
        return List.of(source(), sink());
    }

    private Map<String, String> sourceConfig(RedisUri server) {
        Map<String, String> config = shipped("source.json");
        config.put("name", source());
        config.put("topic", flow);
        config.put("topic.prefix", flow);
        config.put("snapshot.transfer", "diskless"); // as for REPLICAOF; the source is set not to wait with it
        return complete(config, server, sourceOptions);
    }

    private Map<String, String> sinkConfig(RedisUri server) {
        Map<String, String> config = shipped("sink.json");
        config.put("name", sink());
        config.put("topics", flow);
        config.put("flow", flow);
        return complete(config, server, sinkOptions);
    }

    private Map<String, String> complete(Map<String, String> config, RedisUri server, Map<String, String> options) {
        config.put("redis.address", server.address());
        config.put("repair.bootstrap.servers", platform.bootstrap());
        config.putAll(options);
        return config;
    }

    private Map<String, String> shipped(String file) {
        try {
            Map<String, String> config = JSON.convertValue(
                    JSON.readTree(platform.home()
                                    .directory()
                                    .resolve("config")
                                    .resolve(file)
                                    .toFile())
                            .get("config"),
                    new TypeReference<LinkedHashMap<String, String>>() {});
            config.values().removeIf(String::isEmpty);
            return config;
        } catch (IOException e) {
            throw new BenchmarkException("the distribution's config/" + file + " cannot be read: " + e.getMessage(), e);
        }
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
