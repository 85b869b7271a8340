package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Op;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a large command nothing is lost or doubled when it breaks off, whichever way it takes. */
abstract class LargeCommandFaults extends LargeCommandBed {

    /** So many pieces of 400 bytes are more than a sink holds that streams. */
    private static final int BROKEN_OFF_AFTER = 5;

    LargeCommandFaults(Way way) {
        super(way);
    }

    @BeforeEach
    void snapshot() {
        feed.begin().state("first", "1").end(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void aRestartAtAnyPieceReadsItFromItsFirst(String delivery) {
        new RestartedSink(run.with("delivery", delivery), feed, redis).appliesWholeCommands(TEXT);
    }

    /** Knowing of the pieces it has sent, and not knowing of them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceThatBeginsAgainSendsAnotherCommandFromItsFirstPiece(boolean knowing) {
        Feed.Place before = feed.place();
        feed.pieces(Op.COMMAND, null, 400, BROKEN_OFF_AFTER, "APPEND", "k", "another".repeat(900));
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
        Feed.Place before = feed.place();
        feed.pieces(Op.COMMAND, null, 400, BROKEN_OFF_AFTER, "APPEND", "k", TEXT);
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
        feed.pieces(Op.COMMAND, null, 400, BROKEN_OFF_AFTER, "APPEND", "k", TEXT);
        feed.begin().state("k", "v").end(1);
        run.start().replicate(feed);
        assertThat(redis.get("k")).isEqualTo("v");
    }
}
