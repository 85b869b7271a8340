package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A source that keeps apart from its records how far it is begins again before what it has sent, at a server that has been
 * promoted since.
 */
class PromotionIT {

    private final Feed feed = new Feed();
    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        run = new SinkRun(server).start();
        feed.begin().end(0).command("INCR", "n");
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @Test
    void stopsWhereItHasMoreThanThePromotedServer() {
        Feed.Place stored = feed.place();
        long shared = feed.command("INCR", "n").last().offset();
        feed.command("INCR", "n");
        run.put(feed.from(0));
        String applied = feed.last().toString();

        feed.goBack(stored).promoted(shared).command("INCR", "n").command("DECR", "n");

        assertThatThrownBy(() -> run.put(feed.from(5)))
                .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                        .isEqualTo(RedisCdcException.Category.GAP))
                .hasMessageContaining("up to position " + applied)
                .hasMessageContaining("127.0.0.1:1, which has been promoted, has only what is up to offset " + shared)
                .hasMessageContaining("changes-0@5");
        assertThat(server.commands().get("n")).isEqualTo("3");
    }

    @Test
    void goesOnWhereThePromotedServerHasAllOfIt() {
        goOnWithAllOfIt();
        assertThat(server.commands().get("n")).isEqualTo("4");
    }

    @Test
    void forgetsATransactionOfWhichThePromotedServerHasNotTheEnd() {
        Feed.Place stored = feed.place();
        feed.member(7, 0, false, "INCR", "n").member(7, 1, false, "INCR", "n");
        run.put(feed.from(0));
        feed.goBack(stored).promoted(stored.last().offset()).command("INCR", "m");
        run.put(feed.from(5));
        assertThat(server.commands().get("n")).isEqualTo("1");
        assertThat(server.commands().get("m")).isEqualTo("1");
    }

    @Test
    void toldOnceItIsNotToldAgainByWhatItReadsAgain() {
        goOnWithAllOfIt();

        run.restart();
        run.put(feed.from(0));
        Feed.Place beforeTheNext = feed.place();
        feed.command("INCR", "n");
        run.put(feed.from(feed.end() - 1));
        assertThat(server.commands().get("n")).isEqualTo("5");

        feed.goBack(beforeTheNext).promoted(beforeTheNext.last().offset());
        assertThatThrownBy(() -> run.put(feed.from(feed.end() - 1))).hasMessageContaining("has been promoted");
    }

    /** What was applied comes again from a promoted server that has it, and one more. */
    private void goOnWithAllOfIt() {
        Feed.Place stored = feed.place();
        feed.command("INCR", "n").command("INCR", "n");
        run.put(feed.from(0));
        long from = feed.end();
        long shared = feed.last().offset();
        feed.goBack(stored).promoted(shared);
        feed.command("INCR", "n").command("INCR", "n").command("INCR", "n");
        run.put(feed.from(from));
    }
}
