package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.KillArgs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The sink's numbers move with what they are named after. */
class SinkMetricsIT {

    private static final long SOON_MS = 20_000;

    private final Feed feed = new Feed();
    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start("--dbfilename", "dump.rdb");
        run = new SinkRun(server).start();
        feed.begin().state("a", "1").state("b", "1").end(2).command("INCR", "n");
        run.deliver(feed.from(0));
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void progress() throws InterruptedException {
        assertThat(run.metric("connected")).isEqualTo(1);
        assertThat(run.metric("disconnected-ms")).isZero();
        assertThat(run.metric("records-total")).isEqualTo(5);
        assertThat(run.metric("batches-total")).isEqualTo(1);
        assertThat(run.metric("duplicates-total")).isZero();
        assertThat(run.metric("checkpoint-offset")).isEqualTo(feed.end());
        assertThat(run.metric("position-epoch")).isEqualTo(feed.last().epoch());
        assertThat(run.metric("position-offset")).isEqualTo(feed.last().offset());
        assertThat(run.metric("latency-ms")).isBetween(0L, SOON_MS);
        long lag = run.metric("lag-ms");
        Thread.sleep(50);
        assertThat(run.metric("lag-ms")).isBetween(lag + 50, SOON_MS);
    }

    @Test
    void duplicatesAndReconnects() {
        run.deliver(feed.from(0));
        assertThat(run.metric("duplicates-total")).isEqualTo(5);

        server.commands().clientKill(KillArgs.Builder.typeNormal().skipme());
        run.deliver(feed.command("INCR", "n").from(5));
        assertThat(run.metric("reconnects-total")).isEqualTo(1);
        assertThat(run.metric("rewinds-total") + run.metric("lost-writes-total"))
                .isZero();
        assertThat(run.metric("records-total")).isEqualTo(6);
    }

    @Test
    void aTargetThatWentBackAndOneThatIsAway() throws InterruptedException {
        server.commands().save();
        run.deliver(feed.command("INCR", "n").from(5));
        server.kill();
        assertThatThrownBy(() -> run.deliver(feed.command("INCR", "n").from(6))).hasMessageContaining("no success");
        assertThat(run.metric("connected")).isZero();
        long away = run.metric("disconnected-ms");
        Thread.sleep(20);
        assertThat(run.metric("disconnected-ms")).isGreaterThan(away);

        server.launch();
        run.deliver(feed.from(6));
        assertThat(run.position()).isEqualTo(5);
        run.deliver(feed.from(run.position()));
        assertThat(run.metric("lost-writes-total")).isEqualTo(1);
        assertThat(run.metric("rewinds-total")).isEqualTo(1);
        assertThat(run.metric("connected")).isEqualTo(1);
        assertThat(server.commands().get("n")).isEqualTo("3");
    }

    @Test
    void whatANewSnapshotDoesNotHave() {
        feed.begin().state("a", "2").end(1);
        run.deliver(feed.from(5));
        assertThat(server.commands().exists("b", "n")).isZero();
        assertThat(run.metric("vanished-keys-total")).isEqualTo(2);
    }

    @Test
    void stuck() {
        assertThat(run.metric("stuck")).isZero();
        feed.command("RPUSH", "n", "x");
        assertThatThrownBy(() -> run.deliver(feed.from(5))).hasMessageContaining("WRONGTYPE");
        assertThat(run.metric("stuck")).isEqualTo(1);
    }
}
