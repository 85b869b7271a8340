package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.source.StateTarget;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.Mode;
import io.rediscdc.testing.RedisServer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes that a real server tells of. */
@Timeout(60)
class ScanLiveIT {

    private static final String DIGITS = "[0-9a-f]{40}";

    private static final int SCANNED = 1_000;

    private RedisServer source;
    private Replay replay;
    private ScanCapture capture;

    @BeforeEach
    void start() throws Exception {
        source = new RedisServer("--enable-debug-command", "yes", "--notify-keyspace-events", "KA");
        replay = new Replay();
    }

    @AfterEach
    void stop() throws Exception {
        if (capture != null) {
            capture.close();
        }
        source.close();
        replay.close();
    }

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

    /** Else the end would have sinks remove what has come back meanwhile. */
    @Test
    void whatChangesBeforeTheEndOfAScanIsHandedOutBeforeIt() throws Exception {
        for (int i = 0; i < SCANNED; i++) {
            source.call("SET", "key:" + i, "x");
        }
        // Slower, where it had come too far until we were told of the change.
        for (long rate = SCANNED; !isToldBeforeTheEnd(rate); rate /= 2) {
            capture.close();
            replay.close();
            replay = new Replay();
        }
        ChangeKey changed = replay.changes.stream()
                .filter(change -> change.op() == Op.SET)
                .findFirst()
                .orElseThrow()
                .key();
        List<Op> ops = replay.changes.stream()
                .filter(change -> change.op() == Op.SNAPSHOT_END || change.key().equals(changed))
                .map(Change::op)
                .toList();
        assertThat(ops).containsExactly(Op.SET, Op.SET, Op.SNAPSHOT_END);
    }

    /** Scans all while one changes, of which nothing is due in a minute. */
    private boolean isToldBeforeTheEnd(long keysPerSecond) {
        capture = new ScanSetup(source)
                .mode(Mode.LIVE)
                .keysPerSecond(keysPerSecond)
                .live(new LiveOptions(Feed.KEYSPACE, 60_000, false, 100_000, 0, false))
                .capture();
        while (replay.sets == 0) {
            replay.from(capture);
        }
        source.call("SET", text(replay.changes.get(1).key()), "changed");
        while (capture.status().events() == 0) {
            replay.from(capture);
        }
        boolean inTime = capture.status().keysRead() < SCANNED / 2;
        while (replay.ends == 0) {
            replay.from(capture);
        }
        return inTime;
    }

    /** Of a key, what is read later is handed out later; others are read beside it. */
    @Test
    void aKeyIsReadOnTheSameConnectionEveryTime() throws Exception {
        follow(new ScanSetup(source).mode(Mode.LIVE).threads(4));
        try (Socket monitor = source.open()) {
            monitor.getOutputStream().write(RespWriter.command("MONITOR"));
            ReplyReader lines = new ReplyReader(RedisServer.input(monitor));
            assertThat(lines.next().text()).isEqualTo("OK");
            for (int i = 1; i <= 30; i++) {
                source.call("INCR", "counter");
                while (replay.sets < i) {
                    replay.from(capture);
                }
            }
            for (int i = 1; i <= 20; i++) {
                source.call("SET", "other" + i, "x");
            }
            while (replay.sets < 50) {
                replay.from(capture);
            }
            source.call("ECHO", "end");
            Set<String> readers = new HashSet<>();
            Set<String> ofOthers = new HashSet<>();
            for (String line = lines.next().text();
                    !line.endsWith("\"ECHO\" \"end\"");
                    line = lines.next().text()) {
                String client = line.substring(line.indexOf('['), line.indexOf(']'));
                if (line.contains("\"DUMP\" \"counter\"")) {
                    readers.add(client);
                } else if (line.contains("\"DUMP\" \"other")) {
                    ofOthers.add(client);
                }
            }
            assertThat(readers).hasSize(1);
            assertThat(ofOthers).hasSizeGreaterThan(1);
        }
    }

    @Test
    void keysOfSimpleTypesComeFirstIfAsked() {
        follow(new ScanSetup(source)
                .mode(Mode.LIVE)
                .threads(1)
                .live(new LiveOptions(Feed.KEYSPACE, 1_000, true, 100_000, 0, false)));
        source.call("XADD", "stream", "1-1", "f", "v");
        source.call("ZADD", "zset", "1", "a");
        source.call("SADD", "set", "a");
        source.call("RPUSH", "list", "a");
        source.call("HSET", "hash", "f", "v");
        source.call("SET", "string", "a");
        awaitEqual();
        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.SET)
                .extracting(change -> change.state().type())
                .containsExactly("string", "hash", "list", "set", "zset", "stream");
    }

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

    private void follow(ScanSetup options) {
        capture = options.capture();
        while (capture.point().phase() != ScanPoint.Phase.LIVE) {
            replay.from(capture);
        }
    }

    private void awaitEqual() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        String wanted = "";
        String found = "other";
        while (!found.equals(wanted) && System.nanoTime() - deadline < 0) {
            replay.from(capture);
            if (capture.drained()) {
                wanted = StateTarget.digest(source);
                found = StateTarget.digest(replay.server);
                assertThat(found).matches(DIGITS);
            }
        }
        assertThat(found).isEqualTo(wanted);
    }

    private String flags() {
        Reply reply = source.call("CONFIG", "GET", "notify-keyspace-events");
        return ((Reply.Array) reply).elements().get(1).text();
    }

    private static String text(ChangeKey key) {
        return new String(key.key(), StandardCharsets.UTF_8);
    }

    private static String text(Reply reply) {
        return reply instanceof Reply.Bulk ? reply.text() : "";
    }
}
