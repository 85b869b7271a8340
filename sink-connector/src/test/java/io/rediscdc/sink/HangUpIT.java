package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A target that hangs up on what it finds too large. */
class HangUpIT {

    private final Feed feed = new Feed();
    private RedisServer server;
    private SinkRun run;

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void aBatchThatIsTooLargeIsSplit() {
        start("--maxmemory-clients", "1mb");
        for (int i = 0; i < 300; i++) {
            feed.command("APPEND", "text", "x".repeat(10_000));
        }
        run.replicate(feed);
        assertThat(server.commands().strlen("text")).isEqualTo(3_000_000);
    }

    @Test
    void aRecordThatIsTooLargeIsNamed() {
        start("--proto-max-bulk-len", "1mb");
        feed.command("INCR", "n").command("SET", "big", "x".repeat(2_000_000)).command("INCR", "n");
        assertThatThrownBy(() -> run.replicate(feed))
                .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                        .isEqualTo(RedisCdcException.Category.TARGET_REJECTED))
                .hasMessageContaining("closed the connection 20 times in a row")
                .hasMessageContaining("SET of the record at changes-0@3")
                .hasMessageContaining("proto-max-bulk-len");
        assertThat(server.commands().get("n")).isEqualTo("1");

        server.commands().configSet("proto-max-bulk-len", "4mb");
        run.restart().replicate(feed);
        assertThat(server.commands().strlen("big")).isEqualTo(2_000_000);
        assertThat(server.commands().get("n")).isEqualTo("2");
    }

    @Test
    void aTransactionThatIsTooLargeIsNamed() {
        start("--maxmemory-clients", "1mb");
        feed.command("INCR", "n");
        for (int i = 0; i < 300; i++) {
            feed.member(7, i, i == 299, "APPEND", "text", "x".repeat(10_000));
        }
        assertThatThrownBy(() -> run.replicate(feed))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("APPEND of the record at changes-0@3 and the others of its transaction")
                .hasMessageContaining("maxmemory-clients");
        assertThat(server.commands().exists("text")).isZero();
        assertThat(server.commands().get("n")).isEqualTo("1");
    }

    private void start(String... options) {
        server = RedisServer.start(options);
        run = new SinkRun(server).start();
        feed.begin().end(0);
    }
}
