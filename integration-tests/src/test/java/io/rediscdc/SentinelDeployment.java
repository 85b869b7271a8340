package io.rediscdc;

import io.rediscdc.standalone.process.RedisServer;
import java.util.Map;
import java.util.TreeMap;

/** A master, its replica, and three sentinels. Thread-safe: while the master is being replaced, writing waits. */
final class SentinelDeployment implements Deployment {

    private static final String NAME = "shop";

    private final SentinelBed bed = new SentinelBed(NAME);
    private RedisServer master = bed.group(NAME).first;
    private RedisClientOf client = new RedisClientOf(master);

    @Override
    public Map<String, String> options() {
        return Map.of("redis.sentinel.nodes", bed.nodes(), "redis.sentinel.master", NAME);
    }

    /** Where the master listens. */
    synchronized int port() {
        return master.port();
    }

    @Override
    public boolean isCluster() {
        return false;
    }

    @Override
    public synchronized void write(String... command) {
        client.call((Object[]) command);
    }

    @Override
    public synchronized void mix(String prefix, boolean oneDatabase) {
        ServerDeployment.mix(client, prefix, oneDatabase);
    }

    @Override
    public synchronized void failOver() {
        client.close();
        master.kill();
        master = bed.group(NAME).second;
        bed.group(NAME).awaitMasterIs(master);
        client = new RedisClientOf(master);
    }

    @Override
    public synchronized Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        Deployment.addContents(contents, client);
        return contents;
    }

    @Override
    public void close() {
        client.close();
        bed.close();
    }
}
