package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Op;
import io.rediscdc.source.StateTarget;
import io.rediscdc.testing.RedisServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** By SCAN from a real server: what is handed out, and where it goes on. */
@Timeout(60)
class ScanCaptureIT extends ScanBed {

    static final int SMALL_RECORD = 20_000;

    @Test
    void aSnapshotHasAllTypesOfAllDatabasesWithTheirExpireTimes() {
        keys.fill("");
        source.call("SELECT", "9");
        keys.fill("nine-");
        source.call("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
        replayAll(new ScanSetup(source).capture());

        assertEqual();
        assertThat(replay.begins).isEqualTo(1);
        assertThat(replay.ends).isEqualTo(1);
        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.FUNCTION)
                .hasSize(StateTarget.isBefore7(source) ? 0 : 1);
        assertThat(replay.changes.get(0).snapshot().serverVersion()).isEqualTo(version());
        assertThat(capture.point().phase()).isEqualTo(ScanPoint.Phase.DONE);
        replay.server.call("SELECT", "9");
        Reply left = replay.server.call("PTTL", "nine-string");
        assertThat(((Reply.Int) left).value() + System.currentTimeMillis())
                .isCloseTo(4_000_000_000_000L, within(10_000L));
    }

    @Test
    void whatIsLargerThanARecordComesInPieces() throws Exception {
        keys.fill("");
        keys.fillLarge();
        replayAll(new ScanSetup(source).maxRecord(SMALL_RECORD).capture());

        assertEqual();
        assertThat(replay.pieces).isGreaterThan(30);
        assertThat(replay.changes)
                .filteredOn(change -> change.state() != null && change.state().piece() != null)
                .allMatch(change -> change.state().piece().data().length <= SMALL_RECORD);
    }

    /** Compaction would keep pieces of values that are long gone. */
    @Test
    void whatDoesNotFitIntoARecordOfACompactedTopicStopsIt() throws Exception {
        keys.fillLarge();
        capture = new ScanSetup(source).maxRecord(SMALL_RECORD).compacted().capture();
        assertThatThrownBy(this::replayAll)
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("topic.compacted")
                .hasMessageContaining("mem.limit");
    }

    @Test
    void aValueThatChangesWhileItIsReadIsBegunAnew() throws Exception {
        keys.fillLarge();
        for (String other : List.of("large-string", "large-set", "large-zset", "large-hash", "large-stream")) {
            source.call("DEL", other);
        }
        capture = new ScanSetup(source)
                .maxRecord(SMALL_RECORD)
                .bytesPerSecond(200_000)
                .capture();
        while (replay.pieces < 3) {
            replay.from(capture);
        }
        source.call("LPUSH", "large-list", "at the head");

        replayAll();

        assertEqual();
        assertThat(replay.changes)
                .filteredOn(change -> change.state() != null
                        && change.state().piece() != null
                        && change.state().piece().number() == 0)
                .as("begins")
                .hasSize(2);
        assertThat(capture.status().valuesTorn()).isZero();
    }

    /** Nobody would tell that it has changed, and it is not read for ever. */
    @Test
    void aValueThatChangesWheneverItIsReadIsTold() throws Exception {
        keys.fillLarge();
        capture = new ScanSetup(source)
                .maxRecord(SMALL_RECORD)
                .match("large-list")
                .bytesPerSecond(400_000)
                .capture();
        while (capture.point().phase() != ScanPoint.Phase.DONE) {
            replay.from(capture);
            source.call("LPUSH", "large-list", "at the head");
        }
        assertThat(capture.status().valuesTorn()).isEqualTo(1);
        assertThat(replay.sets).isEqualTo(1);
    }

    @Test
    void keysOfOursAreLeftOut() {
        source.call("SET", "__redis-cdc:checkpoint", "x");
        source.call("SET", "key", "x");
        replayAll(new ScanSetup(source).capture());
        assertThat(replay.sets).isEqualTo(1);
    }

    @Test
    void aReplicaThatIsInStepIsPreferred() throws Exception {
        try (RedisServer replica = new RedisServer("--replica-read-only", "yes")) {
            source.call("SET", "key", "x");
            source.call("CONFIG", "SET", "repl-diskless-sync-delay", "0");
            replica.call("REPLICAOF", "127.0.0.1", Integer.toString(source.port()));
            source.call("WAIT", "1", "20000");
            replayAll(new ScanSetup(source).replica(replica).capture());
            assertThat(replay.changes)
                    .extracting(change -> change.stamp().origin().node())
                    .containsOnly(replica.address());
            assertThat(replay.sets).isEqualTo(1);
        }
    }

    @Test
    void goesOnWhereItWasAfterARestartAndBeginsAnewAtAnotherRunOfTheServer() throws Exception {
        int all = 20_000;
        keys.populate(all);
        ScanOptions options = new ScanSetup(source).options();
        capture = start(options, ScanPoint.start(1));
        while (replay.sets < all / 2) {
            replay.from(capture);
        }
        ScanPoint point = capture.point();
        capture.close();
        capture = start(options, point);

        replayAll();

        assertEqual();
        assertThat(replay.begins).as("snapshots").isEqualTo(1);
        assertThat(replay.sets - all).as("read again").isLessThan(all / 20 + 2 * options.count());

        capture.close();
        ScanPoint elsewhere = new ScanPoint(
                ScanPoint.Phase.SCAN,
                "f".repeat(40),
                0,
                point.cursor(),
                point.epoch(),
                capture.point().last());
        capture = start(options, elsewhere);
        replayAll();
        assertThat(replay.begins).isEqualTo(2);
        assertThat(replay.changes
                        .get(replay.changes.size() - 1)
                        .stamp()
                        .position()
                        .epoch())
                .isGreaterThan(point.epoch());
        assertThat(replay.sets).isGreaterThanOrEqualTo(2 * all);
    }

    /** It may be another process, to which the cursor means nothing. */
    @Test
    void whereTheServerDoesNotSayWhichItIsAScanBeginsAnewAfterARestart() throws Exception {
        keys.populate(20_000);
        user("blind", "-info");
        ScanOptions options = new ScanSetup(source).user("blind").databases(0).options();
        capture = start(options, ScanPoint.start(1));
        while (replay.sets < 10_000) {
            replay.from(capture);
        }
        ScanPoint point = capture.point();
        capture.close();
        capture = start(options, point);
        replayAll();
        assertThat(replay.begins).isEqualTo(2);
        assertEqual();

        capture.close();
        capture = start(options, capture.point());
        assertThat(capture.status().isEnded()).isTrue();
    }

    private String version() {
        return source.call("INFO", "server")
                .text()
                .lines()
                .filter(line -> line.startsWith("redis_version:"))
                .map(line -> line.substring("redis_version:".length()).trim())
                .findFirst()
                .orElseThrow();
    }
}
