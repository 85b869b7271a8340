package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.Mode;
import io.rediscdc.testing.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What may have been missed is read anew. */
@Timeout(60)
class ScanGapsIT extends LiveBed {

    @Test
    void whatNoEventTellsOfIsReadAnew() {
        for (int db = 0; db < 3; db++) {
            source.call("SELECT", Integer.toString(db));
            for (int i = 0; i < 100; i++) {
                source.call("SET", "key:" + db + ":" + i, "x");
            }
        }
        follow(new ScanSetup(source).mode(Mode.LIVE));
        awaitEqual();
        source.call("SELECT", "1");
        source.call("FLUSHDB");
        awaitEqual();
        assertThat(replay.begins).isEqualTo(2);
        source.call("SWAPDB", "0", "2");
        awaitEqual();
        source.call("FLUSHALL");
        awaitEqual();
        source.call("SET", "after", "x");
        awaitEqual();
        assertThat(replay.begins).isEqualTo(4);
        assertThat(capture.status().gaps()).isEqualTo(3);
    }

    @Test
    void aLostConnectionForEventsIsAGapAndAllIsReadAnew() {
        follow(new ScanSetup(source).mode(Mode.LIVE));
        for (int i = 0; i < 500; i++) {
            source.call("SET", "key:" + i, "x");
            if (i == 200) {
                assertThat(source.call("CLIENT", "KILL", "TYPE", "pubsub").text())
                        .isEqualTo("1");
            }
            if (i % 50 == 0) {
                replay.from(capture);
            }
        }
        for (int i = 0; i < 500; i += 3) {
            source.call("DEL", "key:" + i);
        }
        awaitEqual();
        assertThat(replay.begins).isEqualTo(2);
        assertThat(capture.status().gaps()).isEqualTo(1);
    }

    /** It is lost like any other. */
    @Test
    void aConnectionForInvalidationsThatIsLostAtOnceIsTriedAgain() {
        ScanOptions options = new ScanSetup(source).options();
        Reply refusal = source.call("CLIENT", "TRACKING", "ON", "REDIRECT", "123456789", "BCAST");
        assertThat(refusal.isFailure()).isTrue();
        try (LinkOwner owner = new LinkOwner()) {
            ScanLink link = ScanLink.open(options.nodes().get(0), options, owner);
            assertThat(ScanRights.refused(link, options, "CLIENT TRACKING", refusal)
                            .isRetriable())
                    .isTrue();
        }
    }

    @Test
    void whatChangedWhileNobodyListenedIsReadAnew() {
        source.call("SET", "deleted", "x");
        follow(new ScanSetup(source).mode(Mode.LIVE));
        awaitEqual();
        ScanPoint point = capture.point();
        capture.close();
        source.call("DEL", "deleted");
        source.call("SET", "written", "x");
        capture = new ScanSetup(source).mode(Mode.LIVE).capture(point);
        awaitEqual();
        assertThat(replay.begins).isEqualTo(2);
        assertThat(capture.status().gaps()).isEqualTo(1);
    }

    /** What a full synchronisation replaces is in no event. */
    @Test
    void aServerThatBecomesAReplicaIsReadAnew() throws Exception {
        source.call("SET", "before", "x");
        follow(new ScanSetup(source).mode(Mode.LIVE));
        awaitEqual();
        try (RedisServer other = new RedisServer("--repl-diskless-sync-delay", "0")) {
            other.call("SET", "after", "x");
            source.call("REPLICAOF", "127.0.0.1", Integer.toString(other.port()));
            other.call("WAIT", "1", "20000");
            while (replay.begins < 2) {
                replay.from(capture);
            }
            awaitEqual();
            replay.server.call("SELECT", "0");
            assertThat(replay.server.call("DBSIZE").text()).isEqualTo("1");
        }
    }

    @Test
    void whenTooMuchWaitsAllIsReadAnew() {
        follow(new ScanSetup(source).mode(Mode.LIVE).live(new LiveOptions(Feed.KEYSPACE, 1_000, false, 50, 0, false)));
        for (int i = 0; i < 60; i++) {
            source.call("SET", "key:" + i, "x");
        }
        source.call("DEL", "key:1");
        awaitEqual();
        assertThat(replay.begins).isEqualTo(2);
        assertThat(capture.status().gaps()).isEqualTo(1);
    }
}
