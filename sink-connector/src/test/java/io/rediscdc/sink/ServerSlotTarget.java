package io.rediscdc.sink;

import io.rediscdc.sink.target.TargetServer;
import java.util.List;
import java.util.Random;

/** A single server. */
final class ServerSlotTarget implements SlotTarget {

    private final RedisServer server = RedisServer.start();
    private final SinkConfig config = SlotTarget.config("redis.address", server.address());
    private final TargetServer target = new TargetServer(config.connection());

    @Override
    public HistoryWriter writer(SlotFollower follower) {
        return new PartitionWriter(
                Feed.PARTITION, config, target, follower.channel(config), null, follower::seek, follower::clockMs);
    }

    @Override
    public void clear() {
        server.commands().flushall();
    }

    @Override
    public void happen(Random random) {
        // It is one server.
    }

    @Override
    public void settle() {
        // Nothing is going on.
    }

    @Override
    public boolean owes() {
        return !server.commands().keys("__redis-cdc:repairs:*").isEmpty();
    }

    @Override
    public List<String> contents() {
        return ModelKeys.contentsOf(key -> ModelKeys.value(server.commands(), key));
    }

    @Override
    public void close() {
        target.close();
        server.close();
    }
}
