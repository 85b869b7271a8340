package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;

/** A server, the flow that reads it, and the server that it makes the same; ends with the test. */
final class Mirror implements AutoCloseable {

    private final RedisServer from;
    private final RedisServer to;
    private final Flow flow;

    /** With the flow not started yet. The options are the source's, as on redis-server's command line. */
    Mirror(String name, String... options) {
        from = RedisServer.running(options);
        to = RedisServer.running();
        flow = new Flow(name, from, to);
    }

    RedisServer from() {
        return from;
    }

    RedisServer to() {
        return to;
    }

    Flow flow() {
        return flow;
    }

    RedisClientOf source() {
        return flow.source();
    }

    RedisClientOf target() {
        return flow.target();
    }

    void increment(int times) {
        for (int i = 0; i < times; i++) {
            source().call("INCR", "counter");
        }
    }

    /** Returns once nobody writes to the target any more. */
    void stopSink() {
        flow.sinkRest().stop(flow.sinkName());
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(target().text("CLIENT", "LIST")).doesNotContain("name=redis-cdc-sink"));
    }

    /** Returns once nobody reads the source any more. */
    void stopSource() {
        flow.sourceRest().stop(flow.sourceName());
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(source().info("replication", "connected_slaves"))
                        .isEqualTo("0"));
    }

    /** Waits until the sink has failed, and returns why. */
    String sinkFailure() {
        return await().atMost(Flow.PATIENCE)
                .until(() -> flow.sinkRest().status(flow.sinkName()).failure(), failure -> failure != null);
    }

    /** Ends the flow: both have to hold the same. */
    void assertEqual() {
        flow.finish();
        assertThat(target().digest()).isEqualTo(source().digest());
    }

    /** The same, and the source has sent no more snapshots than that. */
    void assertEqualAfterSnapshots(int snapshots) {
        assertThat(source().info("stats", "sync_full")).isEqualTo(Integer.toString(snapshots));
        assertEqual();
    }

    @Override
    public void close() {
        flow.close();
        from.close();
        to.close();
    }
}
