package io.rediscdc.sink;

import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A real cluster whose connections are cut, and whose masters die: everything arrives once. */
class ClusterFaultsIT {

    private final Feed feed = new Feed();
    private final Random random = new Random(815);
    private final Counters counters = new Counters(feed, random);

    @Test
    void connectionsThatAreCutAnywhere() throws IOException, InterruptedException {
        List<CuttingProxy> proxies = new ArrayList<>();
        try (RedisCluster cluster = RedisCluster.start(3, 0)) {
            for (int i = 0; i < 3; i++) {
                CuttingProxy proxy = CuttingProxy.before(cluster.node(i).port());
                proxies.add(proxy);
                String port = proxy.address().substring(proxy.address().indexOf(':') + 1);
                cluster.node(i).call("CONFIG", "SET", "cluster-announce-port", port);
            }
            SinkRun run = new SinkRun(cluster).start();
            try {
                feed.begin().end(0);
                Pump pump = new Pump(run, feed);
                pump.all();
                for (int round = 0; round < 60; round++) {
                    counters.add(100);
                    CuttingProxy proxy = proxies.get(random.nextInt(3));
                    if (random.nextBoolean()) {
                        proxy.cutRequestsAfter(random.nextInt(12_000));
                    } else {
                        proxy.cutRepliesAfter(random.nextInt(150));
                    }
                    pump.put();
                }
                proxies.forEach(CuttingProxy::cutNoMore);
                pump.all();
                counters.check(cluster);
            } finally {
                run.stop();
            }
        } finally {
            proxies.forEach(CuttingProxy::close);
        }
    }

    @Test
    void aMasterThatDiesBeforeItsReplicaHasTheLastWrites() throws IOException, InterruptedException {
        try (RedisCluster cluster = RedisCluster.start(3, 1)) {
            SinkRun run = new SinkRun(cluster).start();
            try {
                feed.begin().end(0);
                counters.add(500);
                Pump pump = new Pump(run, feed);
                pump.all();
                Thread asleep = new Thread(() -> cluster.node(4).call("DEBUG", "SLEEP", "1"));
                asleep.start();
                Thread.sleep(100);
                for (int i = 0; i < 5; i++) {
                    counters.add(100);
                    pump.put();
                }
                cluster.node(1).kill();
                asleep.join();
                counters.add(300);
                pump.all();
                counters.add(300);
                pump.all();
                counters.check(cluster);
            } finally {
                run.stop();
            }
        }
    }
}
