package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.source.StateTarget;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.MemoryLimit;
import io.rediscdc.source.scan.ScanOptions.Mode;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By SCAN from a real server. */
@Timeout(60)
class ScanCaptureIT {

    private static final int SMALL_RECORD = 20_000;

    private RedisServer source;
    private Replay replay;
    private ScanCapture capture;

    @BeforeEach
    void start() throws Exception {
        source = new RedisServer("--enable-debug-command", "yes");
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
    void aSnapshotHasAllTypesOfAllDatabasesWithTheirExpireTimes() {
        fill("");
        source.call("SELECT", "9");
        fill("nine-");
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
        fill("");
        fillLarge();
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
        fillLarge();
        capture = new ScanSetup(source).maxRecord(SMALL_RECORD).compacted().capture();
        assertThatThrownBy(this::replayAll)
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("topic.compacted")
                .hasMessageContaining("mem.limit");
    }

    @Test
    void aValueThatChangesWhileItIsReadIsBegunAnew() throws Exception {
        fillLarge();
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
        fillLarge();
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

    @ParameterizedTest
    @ValueSource(strings = {"-dump", "-dump -memory", "-dump -multi"})
    void aServerThatRefusesDumpIsReadByTheCommandsOfTheTypes(String without) throws Exception {
        fill("");
        fillLarge();
        source.call("SET", "", "");
        source.call("ZADD", "scores", "1.5", "a", "-17", "b", "0.1", "c");
        for (int i = 0; i < 100; i++) {
            source.call("SADD", "hundred", "member" + i);
        }
        user("nodump", without);
        replayAll(new ScanSetup(source).user("nodump").maxRecord(SMALL_RECORD).capture());

        assertEqual();
        assertThat(groups(replay.server)).isEqualTo(groups(source));
        boolean transactions = !without.contains("multi");
        assertThat(replay.typed > 8).as("readable values").isEqualTo(transactions);
        assertThat(replay.changes)
                .filteredOn(change -> new String(change.key().key(), StandardCharsets.UTF_8).equals("zset"))
                .as("infinite scores are in no readable value")
                .singleElement()
                .extracting(change -> change.state().piece())
                .isNotNull();
        assertThat(replay.changes)
                .filteredOn(change -> change.state() != null && change.state().piece() == null)
                .extracting(change -> change.state().type())
                .containsAll(
                        transactions ? List.of("string", "list", "set", "hash", "zset", "stream") : List.<String>of());
    }

    /** Many values in a round trip: the server is read from a tenth as often as where each is asked for by itself. */
    @Test
    void smallValuesAreReadTogetherWhereDumpIsRefused() throws Exception {
        populate(2_000);
        user("together", "-dump");
        user("alone", "-dump -multi");
        List<Long> reads = new ArrayList<>();
        for (String user : List.of("alone", "together")) {
            replay.close();
            replay = new Replay();
            long before = reads();
            replayAll(new ScanSetup(source).user(user).capture());
            assertEqual();
            reads.add(reads() - before);
            capture.close();
        }
        assertThat(reads.get(1)).as("alone, together: %s", reads).isLessThan(reads.get(0) / 10);
    }

    /** Readable values are whole ones. */
    @Test
    void aCompactedTopicNeedsNoDump() {
        fill("");
        source.call("DEL", "zset");
        user("nodump", "-dump");
        capture = new ScanSetup(source).user("nodump").compacted().capture();
        List<Change> read = new ArrayList<>();
        while (capture.point().phase() != ScanPoint.Phase.DONE) {
            capture.read(read, 100, 50, System.nanoTime());
        }
        assertThat(read)
                .filteredOn(change -> change.op() == Op.SET)
                .hasSize(8)
                .allMatch(
                        change -> change.state().value() != null && change.key().part() == null);
    }

    @Test
    void goesOnWhereItWasAfterARestartAndBeginsAnewAtAnotherRunOfTheServer() throws Exception {
        int keys = 20_000;
        populate(keys);
        ScanOptions options = new ScanSetup(source).options();
        capture = start(options, ScanPoint.start(1));
        while (replay.sets < keys / 2) {
            replay.from(capture);
        }
        ScanPoint point = capture.point();
        capture.close();
        capture = start(options, point);

        replayAll();

        assertEqual();
        assertThat(replay.begins).as("snapshots").isEqualTo(1);
        assertThat(replay.sets - keys).as("read again").isLessThan(keys / 20 + 2 * options.count());

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
        assertThat(replay.sets).isGreaterThanOrEqualTo(2 * keys);
    }

    /** It may be another process, to which the cursor means nothing. */
    @Test
    void whereTheServerDoesNotSayWhichItIsAScanBeginsAnewAfterARestart() throws Exception {
        populate(20_000);
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

    @Test
    void readsOnlyWhatIsAskedFor() {
        fill("");
        source.call("SELECT", "3");
        fill("x:");
        source.call("SELECT", "4");
        fill("x:");
        replayAll(new ScanSetup(source).match("x:*").type("hash").databases(3).capture());

        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.SET)
                .extracting(Change::key)
                .allMatch(key -> key.db() == 3)
                .hasSize(1);
    }

    @Test
    void readsOnlyTheSlotsThatAreAskedFor() throws Exception {
        populate(100);
        replayAll(new ScanSetup(source).slots("0-8191,16383").capture());
        assertThat(replay.sets).isBetween(20, 80);
        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.SET)
                .allMatch(change ->
                        change.stamp().slot() < 8_192 || change.stamp().slot() == 16_383);
    }

    @Test
    void aKeyAboveTheMemoryLimitFailsOrIsLeftOut() {
        fill("");
        source.call("SET", "fat", "x".repeat(200_000));
        replayAll(
                new ScanSetup(source).memory(new MemoryLimit(100_000, 5, false)).capture());
        assertThat(capture.status().keysLeftOut()).isEqualTo(1);
        source.call("DEL", "fat");
        assertEqual();
        capture.close();

        source.call("SET", "fat", "x".repeat(200_000));
        capture =
                new ScanSetup(source).memory(new MemoryLimit(100_000, 5, true)).capture();
        assertThatThrownBy(() -> {
                    while (true) {
                        capture.read(new ArrayList<>(), 100, 50, System.nanoTime());
                    }
                })
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("mem.limit")
                .hasMessageNotContaining("fat");
    }

    @ParameterizedTest
    @CsvSource({"2000, 0", "0, 200000"})
    void keepsToItsRate(long keys, long bytes) throws Exception {
        populate(3_000);
        ScanOptions options =
                new ScanSetup(source).keysPerSecond(keys).bytesPerSecond(bytes).options();
        capture = start(options, ScanPoint.start(1));
        long start = System.nanoTime();
        replayAll();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(1_100L, 10_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "-scan, SCAN",
        "-multi, keys",
        "-psubscribe, PSUBSCRIBE",
        "-exec, EXEC",
        "-dump -hscan, hscan",
        "-dump -multi -xpending, xpending"
    })
    void whatAUserMayNotIsSaidWithTheCommandThatAllowsIt(String without, String named) {
        source.call("CONFIG", "SET", "notify-keyspace-events", "KA");
        user("few", without);
        ScanOptions options = new ScanSetup(source).mode(Mode.LIVE).user("few").options();
        assertThatThrownBy(() -> probe(options))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining(named)
                .hasMessageContaining("ACL SETUSER few ")
                .hasMessageContaining("+" + without.substring(without.lastIndexOf('-') + 1))
                .extracting(e -> ((RedisCdcException) e).category())
                .isEqualTo(Category.CONFIG);
    }

    @Test
    void theRightsThatMessagesNameAreEnough() {
        source.call("CONFIG", "SET", "notify-keyspace-events", "KA");
        fill("");
        for (Feed feed : Feed.values()) {
            String name = "user" + feed;
            ScanOptions options = new ScanSetup(source)
                    .mode(Mode.LIVE)
                    .user(name)
                    .live(new LiveOptions(feed, 20, false, 100, 0, false))
                    .options();
            List<String> grant = new ArrayList<>(List.of(
                    ScanRights.grant(options, StateTarget.isBefore7(source)).split(" ", -1)));
            grant.addAll(List.of("on", ">p"));
            source.call(grant.toArray(String[]::new));
            probe(options);
            capture = start(options, ScanPoint.start(1));
            while (capture.point().phase() != ScanPoint.Phase.LIVE) {
                capture.read(new ArrayList<>(), 100, 50, System.nanoTime());
            }
            assertThat(capture.status().keysRead()).isGreaterThan(5);
            capture.close();
        }
    }

    @Test
    void aServerWithoutTheCommandIsReadAllTheSame() throws Exception {
        try (RedisServer proxied = new RedisServer("--enable-debug-command", "yes", "--rename-command", "DUMP", "")) {
            proxied.call("RPUSH", "list", "a", "b");
            proxied.call("SET", "key", "x", "PXAT", "4000000000000");
            ScanOptions options = new ScanSetup(proxied).options();
            probe(options);
            capture = start(options, ScanPoint.start(1));
            replayAll();
            assertThat(StateTarget.digest(replay.server)).isEqualTo(StateTarget.digest(proxied));
            assertThat(replay.typed).isEqualTo(2);
        }
    }

    static void probe(ScanOptions options) {
        try (ScanProbe probe = new ScanProbe(options)) {
            probe.connect();
            probe.mayRead();
            probe.hears();
        }
    }

    private static ScanCapture start(ScanOptions options, ScanPoint from) {
        return new ScanCapture(options, null, from, StateRequests.NONE);
    }

    private void replayAll(ScanCapture all) {
        capture = all;
        replayAll();
    }

    private void replayAll() {
        while (capture.point().phase() != ScanPoint.Phase.DONE) {
            replay.from(capture);
        }
    }

    private void assertEqual() {
        assertThat(StateTarget.digest(replay.server)).isEqualTo(StateTarget.digest(source));
    }

    /** A key of each type; some expire. */
    private void fill(String prefix) {
        source.call("SET", prefix + "string", "x", "PXAT", "4000000000000");
        source.call("SET", prefix + "number", "42");
        source.call("RPUSH", prefix + "list", "a", "b", "a", "");
        source.call("SADD", prefix + "set", "a", "b", "c");
        source.call("SADD", prefix + "intset", "1", "2", "3");
        source.call("ZADD", prefix + "zset", "1.5", "a", "-inf", "b", "inf", "c");
        source.call("HSET", prefix + "hash", "f", "v", "g", "w");
        source.call("PFADD", prefix + "hll", "a", "b");
        for (int i = 1; i < 10; i++) {
            source.call("XADD", prefix + "stream", i + "-1", "field", "value" + i);
        }
        source.call("XDEL", prefix + "stream", "3-1");
        source.call("XGROUP", "CREATE", prefix + "stream", "group", "0");
        source.call("XREADGROUP", "GROUP", "group", "consumer", "COUNT", "3", "STREAMS", prefix + "stream", ">");
        source.call("EXPIREAT", prefix + "hash", "4000000000");
    }

    private void user(String name, String without) {
        List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", name, "on", ">p", "~*", "&*", "+@all"));
        words.addAll(List.of(without.split(" ", -1)));
        source.call(words.toArray(String[]::new));
    }

    private long reads() {
        return source.info("stats", "total_reads_processed").orElseThrow();
    }

    private static String groups(RedisServer of) {
        of.call("SELECT", "0");
        return text(of.call("XINFO", "GROUPS", "stream")) + text(of.call("XPENDING", "stream", "group"));
    }

    private static String text(Reply reply) {
        if (reply instanceof Reply.Array array) {
            return array.elements().stream().map(ScanCaptureIT::text).toList().toString();
        }
        return reply instanceof Reply.Nil ? "nil" : reply.text();
    }

    private void fillLarge() throws Exception {
        source.call("SET", "large-string", "x".repeat(300_000));
        try (Socket socket = source.open()) {
            RespBuffer commands = new RespBuffer(1 << 16);
            for (int i = 0; i < 10_000; i++) {
                String text = Integer.toString(i);
                commands.command("RPUSH", "large-list", text);
                commands.command("SADD", "large-set", "member" + text);
                commands.command("ZADD", "large-zset", text, "member" + text);
                commands.command("HSET", "large-hash", "field" + text, "value" + text);
                commands.command("XADD", "large-stream", (i + 1) + "-1", "field", "value" + text);
            }
            commands.command("EXPIREAT", "large-set", "4000000000");
            send(socket, commands, 50_001);
        }
    }

    private void populate(int keys) throws Exception {
        try (Socket socket = source.open()) {
            RespBuffer commands = new RespBuffer(1 << 16);
            for (int i = 0; i < keys; i++) {
                commands.command("SET", "key:" + i, "value " + i);
            }
            send(socket, commands, keys);
        }
    }

    private static void send(Socket socket, RespBuffer commands, int replies) throws Exception {
        Thread sender = new Thread(() -> {
            try {
                commands.writeTo(socket.getOutputStream());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        sender.start();
        ReplyReader reader = new ReplyReader(RedisServer.input(socket));
        for (int i = 0; i < replies; i++) {
            reader.next();
        }
        sender.join();
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
