package io.rediscdc;

import io.rediscdc.standalone.process.RedisServer;
import java.util.Map;
import java.util.TreeMap;

/** One server. */
final class ServerDeployment implements Deployment {

    private final RedisServer server;
    private final RedisClientOf client;

    ServerDeployment() {
        this(RedisServer.running());
    }

    ServerDeployment(RedisServer server) {
        this.server = server;
        client = new RedisClientOf(server);
    }

    @Override
    public Map<String, String> options() {
        return Map.of("redis.address", server.address());
    }

    @Override
    public boolean isCluster() {
        return false;
    }

    @Override
    public void write(String... command) {
        client.call((Object[]) command);
    }

    @Override
    public void mix(String prefix, boolean oneDatabase) {
        mix(client, prefix, oneDatabase);
    }

    static void mix(RedisClientOf client, String prefix, boolean oneDatabase) {
        LiveMix mix = new LiveMix(client, prefix);
        if (oneDatabase) {
            mix.runInOneDatabase();
        } else {
            mix.run();
        }
    }

    @Override
    public void failOver() {
        // There is nobody to take over.
    }

    @Override
    public Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        try (RedisClientOf reader = new RedisClientOf(server)) {
            Deployment.addContents(contents, reader);
        }
        return contents;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
