package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.sentinel.MasterWatch;
import io.rediscdc.sentinel.SentinelOptions;
import io.rediscdc.sentinel.SentinelView;
import io.rediscdc.sentinel.Sentinels;
import java.util.ArrayList;
import java.util.List;

/** The servers that Sentinel names. */
final class SentinelNodes implements ShardNodes {

    private final Sentinels sentinels;
    private final MasterWatch watch;

    SentinelNodes(SentinelOptions options) {
        sentinels = new Sentinels(options);
        watch = new MasterWatch(sentinels, options.master());
    }

    @Override
    public Listing list(Cancellation cancellation) {
        cancellation.guard(sentinels);
        SentinelView view = sentinels.ask();
        List<RedisAddress> nodes = new ArrayList<>(view.replicas());
        nodes.add(0, view.master());
        return new Listing(nodes, view.down(), view.master());
    }

    @Override
    public boolean isDeposed(RedisAddress master) {
        return sentinels.isDeposed(master);
    }

    @Override
    public long masterChanges() {
        return sentinels.changes();
    }

    @Override
    public void close() {
        sentinels.close();
        watch.close();
    }
}
