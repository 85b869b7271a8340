package io.rediscdc.sink;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** A sink that replicates a history to an empty target through a connection that is cut, at a byte that chance picks. */
final class CutSink {

    private final RedisServer server;
    private final Feed feed;
    private final int leastRequestBytes;
    private final int moreRequestBytes;
    private final Map<String, String> options = new HashMap<>();
    private final Random random = new Random(3);
    private int cuts;

    /**
     * @param leastRequestBytes what passes to the target at least before a cut of requests
     * @param moreRequestBytes what passes besides is less than this
     */
    CutSink(RedisServer server, Feed feed, int leastRequestBytes, int moreRequestBytes) {
        this.server = server;
        this.feed = feed;
        this.leastRequestBytes = leastRequestBytes;
        this.moreRequestBytes = moreRequestBytes;
    }

    CutSink with(String option, String value) {
        options.put(option, value);
        return this;
    }

    /** Replicates all of it, with a cut on the way to the target, or else on the way back. */
    void replicate(boolean requests) {
        server.commands().flushall();
        try (CuttingProxy proxy = CuttingProxy.before(server.port())) {
            SinkRun run = new SinkRun(server).with("redis.address", proxy.address());
            options.forEach(run::with);
            run.start();
            try {
                if (requests) {
                    proxy.cutRequestsAfter(leastRequestBytes + random.nextInt(moreRequestBytes));
                } else {
                    proxy.cutRepliesAfter(100 + random.nextInt(500));
                }
                run.replicate(feed);
            } finally {
                run.stop();
            }
            cuts += proxy.cuts();
        }
    }

    /** How many connections have been cut. */
    int cuts() {
        return cuts;
    }
}
