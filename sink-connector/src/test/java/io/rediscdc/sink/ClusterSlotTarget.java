package io.rediscdc.sink;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.sink.target.TargetServer;
import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** Three masters, between which the slots of the keys move. */
final class ClusterSlotTarget implements SlotTarget {

    private final RedisCluster nodes = RedisCluster.start(3, 0);
    private final SinkConfig config = SlotTarget.config("redis.cluster.nodes", nodes.seeds());
    private final TargetServer clients = new TargetServer(config.connection());
    private final ClusterTarget target = new ClusterTarget(config.connection(), clients);

    /** A slot on its way, and between which nodes; -1 for none. */
    private int half = -1;

    private int from;
    private int to;

    ClusterSlotTarget() throws IOException, InterruptedException {}

    @Override
    public HistoryWriter writer(SlotFollower follower) {
        return new ClusterWriter(
                Feed.PARTITION, config, target, follower.channel(config), null, follower::seek, follower::clockMs);
    }

    @Override
    public void clear() {
        for (int i = 0; i < nodes.size(); i++) {
            nodes.node(i).call("FLUSHALL");
        }
    }

    @Override
    public void happen(Random random) throws InterruptedException {
        if (half >= 0) {
            settle();
        } else {
            half = ModelKeys.anyHashSlot(random);
            from = nodes.owner(half);
            to = (from + 1) % 3;
            nodes.beginMove(half, from, to);
        }
    }

    @Override
    public void settle() throws InterruptedException {
        if (half >= 0) {
            nodes.migrateKeys(half, from, to);
            nodes.settle(half, to);
            half = -1;
        }
    }

    @Override
    public boolean owes() {
        for (int i = 0; i < nodes.size(); i++) {
            Reply.Array owed = (Reply.Array) nodes.node(i).call("KEYS", "__redis-cdc:repairs:*");
            if (!owed.elements().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<String> contents() {
        return ModelKeys.contentsOf(this::value);
    }

    private String value(String key) {
        String type = nodes.call("TYPE", key).text();
        return switch (type) {
            case "string" -> nodes.call("GET", key).text();
            case "list" ->
                ((Reply.Array) nodes.call("LRANGE", key, "0", "-1"))
                        .elements().stream().map(Reply::text).toList().toString();
            default -> type;
        };
    }

    @Override
    public void close() throws IOException {
        target.close();
        clients.close();
        nodes.close();
    }
}
