package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Op;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a command that is streamed, nothing is lost or doubled, whatever breaks off. */
class StreamedFaultsIT extends StreamingBed {

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void aRestartAtAnyPieceReadsItFromItsFirst(String delivery) {
        feed.begin().end(0);
        new RestartedSink(run.with("delivery", delivery), feed, redis).appliesWholeCommands(TEXT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cutConnectionsNeitherLoseNorDoubleIt(boolean requests) {
        feed.begin().end(0);
        for (int i = 0; i < 10; i++) {
            feed.pieces(400, "APPEND", "string" + i % 2, TEXT + i).command("INCR", "n");
        }
        CutSink sink = new CutSink(server, feed, 2_000, 25_000).with("transaction.max.bytes", "1024");
        for (int i = 0; i < 10; i++) {
            sink.replicate(requests);
            assertThat(redis.strlen("string0")).isEqualTo(5 * 3001L);
            assertThat(redis.strlen("string1")).isEqualTo(5 * 3001L);
            assertThat(redis.get("n")).isEqualTo("10");
        }
        assertThat(sink.cuts()).isGreaterThan(4);
    }

    /** The framework delivers the same again, while the connection has a part of it. */
    @Test
    void aSlowTargetIsWaitedFor() throws IOException {
        String large = "x".repeat(20_000_000);
        feed.begin().end(0).command("INCR", "n").pieces(700_000, "APPEND", "k", large);
        feed.command("INCR", "n");
        run.with("transaction.max.bytes", "1000000")
                .with("redis.command.timeout.ms", "60000")
                .start();
        List<SinkRecord> records = feed.from(0);
        int pauses = 0;
        try (Socket sleep = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            sleep.getOutputStream().write(bytes("DEBUG SLEEP 3\r\n"));
            sleep.getOutputStream().flush();
            for (boolean done = false; !done; ) {
                try {
                    run.put(records);
                    done = true;
                } catch (RetriableException e) {
                    pauses++;
                }
            }
        }
        run.rest();
        assertThat(pauses).isPositive();
        assertThat(run.metric("reconnects-total")).isZero();
        assertThat(redis.strlen("k")).isEqualTo(20_000_000);
        assertThat(redis.get("n")).isEqualTo("2");
    }

    /** Knowing of the pieces it has sent, and not knowing of them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceThatBeginsAgainSendsAnotherCommandFromItsFirstPiece(boolean knowing) {
        feed.begin().end(0);
        Feed.Place before = feed.place();
        feed.pieces(Op.COMMAND, null, 400, 5, "APPEND", "k", "another".repeat(900));
        long broken = feed.end();
        if (!knowing) {
            feed.goBack(before);
        }
        feed.pieces(500, "APPEND", "k", TEXT).command("INCR", "n");
        run.start().put(feed.from(0).subList(0, (int) broken));
        run.put(feed.from(broken));
        assertThat(redis.get("k")).isEqualTo(TEXT);
        assertThat(redis.get("n")).isEqualTo("1");
        run.restart().replicate(feed);
        assertThat(redis.get("k")).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceMayGoOnWithoutIt(boolean knowing) {
        feed.begin().end(0);
        Feed.Place before = feed.place();
        feed.pieces(Op.COMMAND, null, 400, 5, "APPEND", "k", TEXT);
        if (!knowing) {
            feed.goBack(before);
        }
        feed.command("INCR", "n").command("INCR", "n");
        run.start().put(feed.from(0));
        assertThat(redis.get("n")).isEqualTo("2");
        assertThat(redis.exists("k")).isZero();
        assertThat(run.committed()).isEqualTo(feed.end());
    }

    @Test
    void aNewSnapshotTakesThePlaceOfACommandWithoutEnd() {
        feed.begin().end(0).pieces(Op.COMMAND, null, 400, 5, "APPEND", "k", TEXT);
        feed.begin().state("k", "v").end(1);
        run.start().replicate(feed);
        assertThat(redis.get("k")).isEqualTo("v");
    }
}
