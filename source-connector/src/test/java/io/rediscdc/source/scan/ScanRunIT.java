package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Op;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a run that follows changes needs, and what it says and does when there are none. */
@Timeout(60)
class ScanRunIT extends LiveBed {

    @Test
    void aHeartbeatSaysThatNothingHasChanged() {
        follow(new ScanSetup(source).mode(Mode.LIVE).heartbeat(200));
        while (replay.changes.stream()
                        .filter(change -> change.op() == Op.HEARTBEAT)
                        .count()
                < 3) {
            replay.from(capture);
        }
        assertThat(capture.point().last().get(0))
                .isEqualTo(replay.changes.get(replay.changes.size() - 1).stamp().position());
    }

    @Test
    void aRunThatHasGoneQuietEnds() {
        follow(new ScanSetup(source)
                .mode(Mode.LIVE)
                .live(new LiveOptions(Feed.KEYSPACE, 20, false, 100_000, 700, false)));
        source.call("SET", "key", "x");
        awaitEqual();
        while (!capture.status().isEnded()) {
            replay.from(capture);
        }
        assertThat(capture.status().isAttached()).isFalse();
        source.call("SET", "key", "y");
        replay.from(capture);
        assertThat(replay.sets).isEqualTo(1);
    }

    @Test
    void notificationsThatAreMissingAreNamedOrTurnedOnAndBack() {
        source.call("CONFIG", "SET", "notify-keyspace-events", "Ex");
        ScanOptions asIs = new ScanSetup(source).mode(Mode.LIVE).options();
        assertThatThrownBy(() -> ScanBed.probe(asIs))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("CONFIG SET notify-keyspace-events xEKA");

        follow(new ScanSetup(source).mode(Mode.LIVE).live(new LiveOptions(Feed.KEYSPACE, 20, false, 100_000, 0, true)));
        assertThat(flags()).isEqualTo("AKE");
        source.call("SET", "key", "x");
        awaitEqual();
        capture.close();
        assertThat(flags()).isEqualTo("xE");
    }

    @Test
    void notificationsThatAreTurnedOffAreNoticed() {
        follow(new ScanSetup(source).mode(Mode.LIVE));
        source.call("CONFIG", "SET", "notify-keyspace-events", "");
        assertThatThrownBy(() -> {
                    while (true) {
                        replay.from(capture);
                    }
                })
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("notify-keyspace-events");
    }

    private String flags() {
        Reply reply = source.call("CONFIG", "GET", "notify-keyspace-events");
        return ((Reply.Array) reply).elements().get(1).text();
    }
}
