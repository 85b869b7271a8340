package io.rediscdc;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotTag;
import io.rediscdc.standalone.process.RedisBinary;
import io.rediscdc.testing.ClusterClient;
import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** A cluster whose masters have a replica each. */
final class ClusterDeployment implements Deployment {

    private final RedisCluster cluster;
    private final ClusterClient client;
    private final int masters;

    ClusterDeployment(int masters) {
        this(masters, RedisBinary.find());
    }

    ClusterDeployment(int masters, RedisBinary binary) {
        this.masters = masters;
        try {
            cluster = RedisCluster.startOf(binary.path().toString(), masters, 1, "--repl-backlog-size", "16mb");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        client = new ClusterClient(cluster);
    }

    RedisCluster cluster() {
        return cluster;
    }

    /** Stops the clocks of all nodes: nobody answers any more. */
    void pause() {
        for (int i = 0; i < cluster.size(); i++) {
            cluster.node(i).signal("-STOP");
        }
    }

    /** Ends the pause, with the data that it began with, and waits until all is served. */
    void resume() throws InterruptedException {
        for (int i = 0; i < cluster.size(); i++) {
            cluster.node(i).signal("-CONT");
        }
        cluster.awaitWhole();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("redis.cluster.nodes", cluster.seeds());
    }

    @Override
    public boolean isCluster() {
        return true;
    }

    @Override
    public void write(String... command) {
        client.call(command);
    }

    @Override
    public void mix(String prefix, boolean oneDatabase) {
        for (int i = 0; i < masters; i++) {
            int slot = Slot.COUNT * i / masters + 7;
            try (RedisClientOf node = node(cluster.owner(slot))) {
                new LiveMix(node, prefix + "{" + SlotTag.of(slot) + "}").runInOneSlot(i == 0);
            }
        }
    }

    @Override
    public void failOver() throws InterruptedException {
        cluster.failOver(1);
    }

    @Override
    public Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        for (int i = 0; i < cluster.size(); i++) {
            if (cluster.node(i).isAlive()
                    && cluster.node(i).call("ROLE") instanceof Reply.Array role
                    && role.elements().get(0).text().equals("master")) {
                try (RedisClientOf node = node(i)) {
                    Deployment.addContents(contents, node);
                }
            }
        }
        return contents;
    }

    private RedisClientOf node(int number) {
        return new RedisClientOf("redis://" + cluster.node(number).address(), null);
    }

    @Override
    public void close() {
        try {
            client.close();
            cluster.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
