package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.Mode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes that a real server tells of. */
@Timeout(60)
class ScanLiveIT extends LiveBed {

    @Test
    void followsEveryKindOfChange() {
        source.call("SET", "before", "x");
        follow(new ScanSetup(source).mode(Mode.LIVE));
        mix();
        awaitEqual();
        assertThat(replay.begins).isEqualTo(1);
        assertThat(replay.changes).extracting(Change::op).contains(Op.DEL);
    }

    @Test
    void followsEveryKindOfChangeWhereDumpIsRefused() {
        source.call("ACL", "SETUSER", "nodump", "on", ">p", "~*", "&*", "+@all", "-dump");
        source.call("SET", "before", "x");
        follow(new ScanSetup(source).mode(Mode.LIVE).user("nodump"));
        mix();
        awaitEqual();
        assertThat(replay.typed).isPositive();
    }

    @Test
    void followsByTrackingWithoutAnySettingOfTheServer() {
        source.call("CONFIG", "SET", "notify-keyspace-events", "");
        source.call("SELECT", "5");
        source.call("SET", "before", "x");
        follow(new ScanSetup(source)
                .mode(Mode.LIVE)
                .live(new LiveOptions(Feed.TRACKING, 20, false, 100_000, 0, false)));
        mix();
        awaitEqual();
    }

    @ParameterizedTest
    @EnumSource
    void onlyKeysAskedForAreFollowed(Feed feed) {
        follow(new ScanSetup(source)
                .mode(Mode.LIVE)
                .match("x:[ab]*")
                .databases(0, 2)
                .live(new LiveOptions(feed, 20, false, 100_000, 0, false)));
        for (String db : List.of("0", "1", "2")) {
            source.call("SELECT", db);
            source.call("SET", "x:c", "x");
            source.call("SET", "y", "x");
            source.call("SET", "x:a1", "x");
        }
        while (replay.sets < 2) {
            replay.from(capture);
        }
        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.SET)
                .extracting(Change::key)
                .containsOnly(new ChangeKey(0, Replay.bytes("x:a1")), new ChangeKey(2, Replay.bytes("x:a1")));
    }

    @Test
    void aKeyThatChangesOftenIsReadOnceInAnInterval() {
        follow(new ScanSetup(source)
                .mode(Mode.LIVE)
                .live(new LiveOptions(Feed.KEYSPACE, 500, false, 100_000, 0, false)));
        long start = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
            source.call("INCR", "counter");
        }
        awaitEqual();
        long intervals = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 500 + 1;
        assertThat((long) replay.sets).isBetween(1L, intervals);
        assertThat(capture.status().events()).isEqualTo(1_000);
    }

    @Test
    void onlyChangesAreReadIfAsked() {
        source.call("SET", "before", "x");
        follow(new ScanSetup(source).mode(Mode.LIVEONLY));
        source.call("SET", "after", "x");
        source.call("DEL", "none");
        while (replay.sets < 1) {
            replay.from(capture);
        }
        assertThat(replay.changes).extracting(Change::op).containsExactly(Op.SET);
        ScanPoint point = capture.point();
        assertThat(point.phase()).isEqualTo(ScanPoint.Phase.LIVE);
        capture.close();
        capture = new ScanSetup(source).mode(Mode.LIVEONLY).capture(point);
        while (!capture.status().isAttached()) {
            replay.from(capture);
        }
        source.call("SET", "later", "x");
        while (replay.sets < 2) {
            replay.from(capture);
        }
        assertThat(capture.status().gaps()).isEqualTo(1);
    }

    @Test
    void aStateThatSomebodyAsksForIsHandedOut() {
        source.call("SET", "a:key", "x");
        Deque<ChangeKey> asked = new ArrayDeque<>();
        capture = new ScanCapture(
                new ScanSetup(source).mode(Mode.LIVE).match("a:*").options(), null, ScanPoint.start(1), max -> {
                    List<ChangeKey> taken = List.copyOf(asked);
                    asked.clear();
                    return taken;
                });
        while (capture.point().phase() != ScanPoint.Phase.LIVE) {
            replay.from(capture);
        }
        long before = System.currentTimeMillis();
        asked.add(new ChangeKey(0, Replay.bytes("not:wanted")));
        asked.add(new ChangeKey(0, Replay.bytes("a:key")));
        asked.add(new ChangeKey(0, Replay.bytes("a:none")));
        while (replay.sets < 2 || replay.dels < 1) {
            replay.from(capture);
        }
        assertThat(replay.changes)
                .filteredOn(change -> change.stamp().asOf() != null)
                .allSatisfy(change -> {
                    assertThat(change.stamp().asOf())
                            .isEqualTo(change.stamp().position().offset());
                    assertThat(change.stamp().tsMs()).isGreaterThanOrEqualTo(before);
                })
                .extracting(change -> change.op() + " " + text(change.key()))
                .containsExactlyInAnyOrder("SET a:key", "DEL a:none");
    }

    @Test
    void aLargeValueThatChangesAllTheTimeHoldsUpNoOtherKey() throws Exception {
        int members = Integer.getInteger("scan.members", 100_000);
        for (int from = 0; from < members; from += 1_000) {
            String[] add = new String[1_002];
            add[0] = "SADD";
            add[1] = "large";
            for (int i = 0; i < 1_000; i++) {
                add[2 + i] = "member:" + (from + i);
            }
            source.call(add);
        }
        follow(new ScanSetup(source).mode(Mode.LIVE).maxRecord(100_000));
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            source.call("SADD", "large", "more:" + random.nextInt(1_000_000));
            source.call("SET", "other", Integer.toString(round));
            long start = System.nanoTime();
            while (!text(replay.server.call("GET", "other")).equals(Integer.toString(round))) {
                replay.from(capture);
                replay.server.call("SELECT", "0");
            }
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(2_000);
        }
        awaitEqual();
        assertThat(replay.pieces).isGreaterThan(20);
    }

    private void mix() {
        for (String db : List.of("0", "5", "11")) {
            source.call("SELECT", db);
            source.call("SET", "a", "1");
            source.call("HSET", "h", "f", "v");
            source.call("RENAME", "a", "b");
            source.call("SET", "short", "x", "PX", "200");
            source.call("SET", "long", "x", "EX", "1000");
            source.call("PERSIST", "long");
            source.call("COPY", "b", "copy");
            source.call("COPY", "b", "copied", "DB", "7");
            source.call("MOVE", "h", "8");
            source.call("RPUSH", "l", "1", "2", "3");
            source.call("LPOP", "l");
            source.call("SADD", "s", "1", "2");
            source.call("SUNIONSTORE", "s2", "s");
            source.call("ZADD", "z", "1", "a");
            source.call("XADD", "x", "5-5", "f", "v");
            source.call("XTRIM", "x", "MAXLEN", "0");
            source.call("EVAL", "redis.call('SET', 'script', '1') redis.call('DEL', 's')", "0");
            source.call("MULTI");
            source.call("SET", "t", "1");
            source.call("DEL", "t");
            source.call("EXEC");
            byte[] dump = ((Reply.Bulk) source.call("DUMP", "z")).bytes();
            source.call(Replay.bytes("RESTORE"), Replay.bytes("restored"), Replay.bytes("0"), dump);
        }
    }
}
