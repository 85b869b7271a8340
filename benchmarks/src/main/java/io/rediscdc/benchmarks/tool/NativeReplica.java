package io.rediscdc.benchmarks.tool;

import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.standalone.redis.RedisUri;
import java.util.Map;

/** Redis' own replication: the target is the source's replica for the time. */
public final class NativeReplica implements Tool {

    private static final long POLL_MS = 5;

    @Override
    public String name() {
        return "REPLICAOF";
    }

    @Override
    public void prepare(Servers servers) {
        // nothing to start
    }

    @Override
    public void snapshot(Servers servers, long keys) {
        attach(servers);
    }

    @Override
    public void follow(Servers servers) {
        attach(servers);
    }

    private static void attach(Servers servers) {
        RedisUri source = servers.sourceUri();
        servers.target().call("REPLICAOF", source.host(), Integer.toString(source.port()));
        Patience.await("REPLICAOF", POLL_MS, () -> servers.targetInfo("replication")
                .text("master_link_status")
                .equals("up"));
    }

    @Override
    public void end(Servers servers) {
        servers.target().call("REPLICAOF", "NO", "ONE");
    }

    @Override
    public Map<Figure, Double> cpuSeconds() {
        return Map.of();
    }

    @Override
    public Map<Figure, Double> peakMb() {
        return Map.of();
    }

    @Override
    public void close() {
        // nothing was started
    }
}
