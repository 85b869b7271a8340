package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.RedisServer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that the source keeps alive, while the sink or the target does not see it in time. */
class ExpiryIT {

    private static final int KEYS = 10_000;
    private static final long TTL_MS = 6_000;

    /** Goes on with key number ARGV[1] up to ARGV[2], each as its kind is gone on with, and renews it. */
    private static final String RENEW =
            """
            for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
              local key, kind = 'session:' .. i, i % 5
              if kind == 0 then redis.call('INCR', key) redis.call('PEXPIRE', key, ARGV[3])
              elseif kind == 1 then redis.call('PEXPIRE', key, ARGV[3]) redis.call('INCR', key)
              elseif kind == 2 then redis.call('HINCRBY', key, 'n', 1) redis.call('PEXPIRE', key, ARGV[3])
              elseif kind == 3 then redis.call('RPUSH', key, i) redis.call('PEXPIRE', key, ARGV[3])
              else redis.call('SETRANGE', key, i % 7, 'x') redis.call('PEXPIRE', key, ARGV[3]) end
            end""";

    private static final String PERSIST =
            "for i = tonumber(ARGV[1]), tonumber(ARGV[2]), 7 do local key = 'session:' .. i"
                    + " redis.call('PERSIST', key) if i % 5 < 2 then redis.call('INCR', key) end end";

    private static final String TIMES =
            "local times = {} for i = 1, ARGV[1] do times[i] = redis.call('PEXPIRETIME', 'session:' .. i) end return times";

    private final ConnectRest rest = Platform.shared().rest();
    private RedisServer from;
    private RedisServer to;
    private Flow flow;

    @BeforeEach
    void startFlow() {
        from = RedisServer.running();
        to = RedisServer.running();
        flow = new Flow("expiry", from, to);
        renewAll(TTL_MS);
    }

    @AfterEach
    void stopServers() {
        flow.close();
        from.close();
        to.close();
    }

    @Test
    void sessionsKeptAliveSurviveASinkThatIsAwayForLonger() {
        flow.withRepairs().start().awaitSettled();
        renewAll(TTL_MS);
        flow.awaitCaughtUp();
        rest.stop(flow.sinkName());
        renewFor(TTL_MS + 2_000);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(flow.target().number("DBSIZE"))
                        .as("keys that have not died at the target, with the checkpoint")
                        .isLessThan(KEYS / 2));
        endOfTheSource();
        rest.resume(flow.sinkName());
        assertEqual();
    }

    /** Without the repair channel: nothing dies, so nothing has to be repaired. */
    @Test
    void sessionsRenewedWhileTheirSnapshotWaitsForASinkSurvive() {
        rest.put(flow.sourceName(), flow.sourceConfig());
        renewFor(TTL_MS + 2_000);
        endOfTheSource();
        flow.start();
        assertEqual();
    }

    private void endOfTheSource() {
        renewAll(3_600_000);
        flow.source().call("EVAL", PERSIST, 0, 1, KEYS);
        // These die at the source, and so at the target.
        for (int i = 1; i <= KEYS; i += 100) {
            flow.source().call("PEXPIRE", "session:" + i, 500);
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            for (int i = 1; i <= KEYS; i += 100) {
                // A look at it is what has a server notice.
                assertThat(flow.source().number("EXISTS", "session:" + i)).isZero();
            }
        });
    }

    private void assertEqual() {
        flow.awaitSettled();
        flow.finish();
        assertThat(flow.target().number("DBSIZE")).isEqualTo(KEYS - KEYS / 100);
        assertThat(flow.target().digest()).isEqualTo(flow.source().digest());
        assertThat(flow.target().text("EVAL", TIMES, 0, KEYS))
                .isEqualTo(flow.source().text("EVAL", TIMES, 0, KEYS));
    }

    private void renewFor(long ms) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        while (System.nanoTime() < end) {
            renewAll(TTL_MS);
            pause(TTL_MS / 4);
        }
        assertThat(flow.source().number("DBSIZE")).as("all live at the source").isEqualTo(KEYS);
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void renewAll(long ttlMs) {
        for (int i = 1; i <= KEYS; i += 500) {
            flow.source().call("EVAL", RENEW, 0, i, i + 499, ttlMs);
        }
    }
}
