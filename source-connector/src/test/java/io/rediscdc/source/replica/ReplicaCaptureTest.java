package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.REPLID;
import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.concat;
import static io.rediscdc.source.replica.MasterBytes.disk;
import static io.rediscdc.source.replica.MasterBytes.fullResync;
import static io.rediscdc.source.replica.MasterBytes.rdb;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.StateRequests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReplicaCaptureTest {

    private static final String MARKER = "f".repeat(40);
    private static final long RETRY_TIMEOUT_MS = 1500;
    private static final byte[] RDB = rdb(3, "one", "two", "three");

    private FakeMaster master;
    private ReplicaCapture capture;

    @BeforeEach
    void start() throws IOException {
        master = new FakeMaster();
        capture = capture(ResumePoint.start(1));
    }

    @AfterEach
    void stop() throws IOException {
        capture.close();
        master.close();
    }

    @Test
    void readsADiskBackedSnapshotAndTheStreamAfterIt() {
        master.script(fullResync(100), disk(RDB), command("SELECT", "5"), command("SET", "a", "1"));

        List<Change> changes = read(6);

        assertThat(changes)
                .extracting(Change::op)
                .containsExactly(Op.SNAPSHOT_BEGIN, Op.SET, Op.SET, Op.SET, Op.SNAPSHOT_END, Op.COMMAND);
        assertThat(changes.get(0).snapshot().serverVersion()).isEqualTo("7.0.15");
        assertThat(changes.get(0).snapshot().partitions()).isEqualTo(1);
        assertThat(changes.get(4).snapshot().counts()).containsExactly(3L);
        assertThat(changes.get(1).key().db()).isEqualTo(3);
        assertThat(changes.get(5).key().db()).isEqualTo(5);
        assertThat(changes.get(5).command().keys()).containsExactly(1);
        assertLinked(changes, Position.NONE);
        long end = 100L + command("SELECT", "5").length + command("SET", "a", "1").length;
        assertThat(changes.get(5).stamp().position().offset()).isEqualTo(end);
        assertThat(capture.resumePoint().offset()).isEqualTo(end);
        assertThat(capture.resumePoint().db()).isEqualTo(5);
    }

    @Test
    void findsTheEndOfADisklessSnapshotWhereverThePacketsAreSplit() throws IOException {
        byte[] whole = concat(
                fullResync(7), ascii("\n\n$EOF:" + MARKER + "\r\n"), RDB, ascii(MARKER), command("SET", "a", "1"));
        for (int cut = 1; cut < whole.length; cut += 1) {
            try (FakeMaster split = new FakeMaster();
                    ReplicaCapture reader = capture(split, ResumePoint.start(1), 0)) {
                split.script(Arrays.copyOf(whole, cut), Arrays.copyOfRange(whole, cut, whole.length));
                List<Change> changes = read(reader, 6);
                assertThat(changes).as("cut at %d", cut).hasSize(6);
                assertThat(changes.get(5).op()).isEqualTo(Op.COMMAND);
                assertLinked(changes, Position.NONE);
            }
        }
    }

    @Test
    void aSnapshotOfAReplicaNamesTheDatabaseOfTheStream() {
        master.script(fullResync(1), disk(rdb(9, "k")), command("SET", "a", "1"));
        assertThat(read(4).get(3).key().db()).isEqualTo(9);
    }

    @Test
    void continuesFromAPointWithTheDatabaseAndTheLinksItHad() {
        Position last = new Position(77, 480, 0);
        ResumePoint from = new ResumePoint(REPLID, 500, 4, 77, List.of(last), 0);
        capture.close();
        capture = capture(from);
        master.script(ascii("+CONTINUE " + "b".repeat(40) + "\r\n"), command("INCR", "n"));

        List<Change> changes = read(1);

        assertThat(master.asked).contains("PSYNC " + REPLID + " 501");
        assertThat(changes.get(0).key().db()).isEqualTo(4);
        assertThat(changes.get(0).stamp().prev()).isEqualTo(last);
        assertThat(changes.get(0).stamp().position().epoch()).isEqualTo(77);
        assertThat(changes.get(0).stamp().origin().replid()).isEqualTo("b".repeat(40));
        assertThat(capture.resumePoint().replid()).isEqualTo("b".repeat(40));
    }

    @Test
    void attachesAgainAfterALostLinkAndGoesOnWhereItWas() {
        byte[] first = command("SET", "a", "1");
        byte[] half = Arrays.copyOf(command("SET", "b", "2"), 12);
        master.script(fullResync(100), disk(RDB), first, half, FakeMaster.hangUp());
        master.script(ascii("+CONTINUE " + REPLID + "\r\n"), command("SET", "b", "2"));

        List<Change> changes = read(7);

        assertThat(master.asked).contains("PSYNC " + REPLID + " " + (100 + first.length + 1));
        assertThat(changes).hasSize(7);
        assertLinked(changes, Position.NONE);
    }

    @Test
    void aTransactionCutInTheMiddleIsReadAgainFromItsBeginning() {
        byte[] before = command("SET", "a", "1");
        byte[] tx = concat(command("MULTI"), command("INCR", "x"), command("INCR", "y"), command("INCR", "z"));
        master.script(fullResync(0), disk(RDB), before, tx, FakeMaster.hangUp());
        master.script(ascii("+CONTINUE " + REPLID + "\r\n"), tx, command("EXEC"), command("PING"));

        List<Change> changes = read(11);

        assertThat(master.asked).contains("PSYNC " + REPLID + " " + (before.length + 1));
        List<Change> again = changes.subList(changes.size() - 3, changes.size());
        assertThat(again).extracting(change -> change.command().tx().last()).containsExactly(false, false, true);
        assertThat(again).extracting(change -> change.command().tx().index()).containsExactly(0, 1, 2);
        assertThat(again.get(0).stamp().prev()).isEqualTo(changes.get(5).stamp().position());
        assertThat(again.get(0).stamp().position())
                .isEqualTo(changes.get(6).stamp().position());
        assertLinked(again, changes.get(5).stamp().position());
    }

    @Test
    void aServerThatLostTheHistoryOpensANewEpochThatClosesTheOld() {
        Position last = new Position(77, 480, 0);
        capture.close();
        capture = capture(new ResumePoint(REPLID, 500, 0, 77, List.of(last), 0));
        master.script(ascii("+FULLRESYNC " + "c".repeat(40) + " 9\r\n"), disk(RDB));

        Change begin = read(5).get(0);

        assertThat(begin.snapshot().closes()).isEqualTo(last);
        assertThat(begin.stamp().prev()).isEqualTo(last);
        assertThat(begin.stamp().position().epoch()).isGreaterThan(77);
    }

    @Test
    void asksForAFullSnapshotAgainIfTheFirstBreaksOff() {
        master.script(fullResync(100), disk(RDB, RDB.length - 20), FakeMaster.hangUp());
        master.script(fullResync(200), disk(RDB));

        List<Change> changes = read(8);

        Change second = changes.stream()
                .filter(c -> c.op() == Op.SNAPSHOT_BEGIN)
                .skip(1)
                .findFirst()
                .orElseThrow();
        assertThat(second.stamp().position().epoch())
                .isGreaterThan(changes.get(0).stamp().position().epoch());
        assertLinked(changes, Position.NONE);
    }

    @Test
    void givesUpOnASnapshotThatNeverComesWhole() {
        for (int i = 0; i < 5; i++) {
            master.script(fullResync(100), disk(RDB, RDB.length - 20), FakeMaster.hangUp());
        }
        assertThatThrownBy(() -> read(100))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("broke off 5 times")
                .hasMessageContaining("client-output-buffer-limit");
    }

    @Test
    void heartbeatsMoveThePositionOfAQuietSource() {
        capture.close();
        capture = capture(master, ResumePoint.start(1), 1);
        master.script(fullResync(100), disk(RDB), command("PING"));

        List<Change> changes = read(6);

        Change beat = changes.get(5);
        assertThat(beat.op()).isEqualTo(Op.HEARTBEAT);
        assertThat(beat.stamp().position().offset()).isEqualTo(100 + command("PING").length);
        assertThat(capture.resumePoint().offset()).isEqualTo(100 + command("PING").length);
        assertLinked(changes, Position.NONE);
    }

    @Test
    void leavesOutWhatIsOursAndWhatSentinelsSay() {
        master.script(
                fullResync(0),
                disk(rdb(0, "k", "__redis-cdc:checkpoint")),
                command("SET", "__redis-cdc:checkpoint", "1"),
                command("DEL", "__redis-cdc:checkpoint", "__redis-cdc:other"),
                command("DEL", "user", "__redis-cdc:checkpoint"),
                command("PUBLISH", "__sentinel__:hello", "127.0.0.1"),
                command("MULTI"),
                command("SET", "a", "1"),
                command("HSET", "__redis-cdc:checkpoint", "f", "v"),
                command("EXEC"),
                command("PUBLISH", "news", "x"));

        List<Change> changes = read(6);

        assertThat(changes)
                .extracting(Change::op)
                .containsExactly(Op.SNAPSHOT_BEGIN, Op.SET, Op.SNAPSHOT_END, Op.COMMAND, Op.COMMAND, Op.PUBLISH);
        assertThat(changes.get(3).command().args()).hasNumberOfRows(3);
        assertThat(changes.get(4).command().tx().last()).isTrue();
        assertLinked(changes, Position.NONE);
    }

    @Test
    void aSnapshotThatIsNoneEndsTheCaptureWithAnErrorThatNamesTheServer() {
        byte[] damaged = RDB.clone();
        damaged[RDB.length - 12] ^= 1;
        master.script(fullResync(1), disk(damaged));
        assertThatThrownBy(() -> read(6))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.PROTOCOL))
                .hasMessageContaining(master.address().toString())
                .hasMessageContaining("checksum");
    }

    @Test
    void refusalsSayWhatToDo() {
        master.script(ascii("-NOPERM this user has no permissions to run the 'psync' command\r\n"));
        assertThatThrownBy(() -> read(1)).hasMessageContaining("ACL SETUSER default +psync +replconf +ping");
        capture = capture(ResumePoint.start(1));
        master.script(ascii("-ERR unknown command 'PSYNC'\r\n"));
        assertThatThrownBy(() -> read(1)).hasMessageContaining("does not let anybody join as a replica");
    }

    @Test
    void givesUpOnAServerThatStaysAway() throws IOException {
        master.close();
        assertThatThrownBy(() -> read(1))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.CONNECTION))
                .hasMessageContaining("cannot connect to Redis at " + master.address())
                .hasMessageContaining("redis.retry.timeout.ms");
    }

    @Test
    void aServerThatIsLoadingIsWaitedForBeyondTheRetryTimeout() {
        master.loading(true);
        List<Change> changes = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RETRY_TIMEOUT_MS + 1000);
        while (System.nanoTime() < end) {
            capture.read(changes, 1, 5, System.nanoTime());
        }
        assertThat(changes).isEmpty();
        assertThat(capture.status().isAttached()).isFalse();
        assertThat(capture.status().detachedMs()).isGreaterThan(RETRY_TIMEOUT_MS);

        master.script(fullResync(100), disk(RDB));
        master.loading(false);
        read(5);
        assertThat(capture.status().isAttached()).isTrue();
        assertThat(capture.status().detachedMs()).isZero();
        assertThat(capture.status().fullSyncs()).isEqualTo(1);
    }

    @Test
    void theStatusTellsOfReconnectsAndOfAnotherHistory() {
        byte[] first = command("SET", "a", "1");
        master.script(fullResync(100), disk(RDB), first, FakeMaster.hangUp());
        master.script(ascii("+CONTINUE " + "b".repeat(40) + "\r\n"), command("SET", "b", "2"));

        read(7);

        CaptureStatus status = capture.status();
        assertThat(status.reconnects()).isEqualTo(1);
        assertThat(status.fullSyncs()).isEqualTo(1);
        assertThat(status.partialSyncs()).isEqualTo(1);
        assertThat(status.historyChanges()).isEqualTo(1);
        assertThat(status.isSnapshotOpen()).isFalse();
        assertThat(status.offset())
                .isEqualTo(100L + first.length + command("SET", "b", "2").length)
                .isEqualTo(status.serverOffset());
    }

    private List<Change> read(int count) {
        return read(capture, count);
    }

    private static List<Change> read(ReplicaCapture capture, int count) {
        List<Change> changes = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (changes.size() < count && System.nanoTime() < deadline) {
            List<Change> polled = new ArrayList<>();
            capture.read(polled, count - changes.size(), 5, System.nanoTime());
            changes.addAll(polled);
        }
        assertThat(changes).extracting(Change::op).hasSize(count);
        return changes;
    }

    private ReplicaCapture capture(ResumePoint from) {
        return capture(master, from, 0);
    }

    private static ReplicaCapture capture(FakeMaster master, ResumePoint from, long heartbeatMs) {
        LinkOptions link = new LinkOptions(1000, 1000, 5000, SpoolOptions.memory(1 << 20));
        return new ReplicaCapture(
                new ReplicaOptions(
                        List.of(master.address()),
                        ReadFrom.REPLICA_PREFERRED,
                        null,
                        null,
                        "0",
                        true,
                        1_000_000,
                        heartbeatMs,
                        RETRY_TIMEOUT_MS,
                        AckMode.NONE,
                        link),
                from,
                StateRequests.NONE);
    }

    @Test
    void whatTheServerHadWhileWeWereAwaySaysThatItIsOld() {
        byte[] old = command("SET", "a", "1");
        byte[] fresh = command("SET", "a", "2");
        Position last = new Position(77, 480, 0);
        capture = capture(new ResumePoint(REPLID, 500, 0, 77, List.of(last), 1_000));
        master.info("master", REPLID, 1, 500 + old.length)
                .script(ascii("+CONTINUE " + REPLID + "\r\n"), concat(old, fresh));
        long before = System.currentTimeMillis();

        List<Change> changes = read(2);

        assertThat(changes.get(0).stamp().tsMs()).isEqualTo(1_000);
        assertThat(changes.get(1).stamp().tsMs()).isGreaterThanOrEqualTo(before);
        assertThat(capture.resumePoint().tsMs())
                .isEqualTo(changes.get(1).stamp().tsMs());
    }

    @Test
    void whatTheServerDidWhileItSentItsSnapshotSaysThatItIsOld() {
        byte[] old = command("SET", "a", "1");
        byte[] fresh = command("SET", "a", "2");
        master.info("master", REPLID, 1, 100 + old.length)
                .script(fullResync(100), FakeMaster.pause(), disk(RDB), concat(old, fresh));

        List<Change> changes = read(7);

        long begun = changes.get(0).stamp().tsMs();
        assertThat(changes.subList(0, 6))
                .extracting(change -> change.stamp().tsMs())
                .containsOnly(begun);
        assertThat(changes.get(6).stamp().tsMs()).isGreaterThanOrEqualTo(begun + 400);
    }

    @Test
    void aHeartbeatIsNoOlderThanWhatItSays() {
        capture.close();
        capture = capture(master, ResumePoint.start(1), 400);
        master.script(fullResync(100), disk(RDB), FakeMaster.pause(), command("PING"));

        read(5);
        List<Change> polled = new ArrayList<>();
        while (polled.isEmpty()) {
            capture.read(polled, 10, 500, System.nanoTime());
        }

        Change beat = polled.get(0);
        assertThat(beat.op()).isEqualTo(Op.HEARTBEAT);
        assertThat(System.currentTimeMillis() - beat.stamp().tsMs()).isLessThan(100);
    }

    @Test
    void timesRelativeToNowBecomeAbsolute() {
        master.script(
                fullResync(100),
                disk(RDB),
                command("SETEX", "a", "100", "v"),
                command("EXPIRE", "a", "50"),
                command("MULTI"),
                command("PSETEX", "b", "3000", "v"),
                command("EXEC"),
                command("PEXPIREAT", "a", "1767225600000"));
        long before = System.currentTimeMillis();

        List<String> commands = read(9).stream()
                .filter(change -> change.op() == Op.COMMAND)
                .map(change -> String.join(
                        " ",
                        Arrays.stream(change.command().args())
                                .map(arg -> new String(arg, StandardCharsets.US_ASCII))
                                .toList()))
                .toList();

        assertThat(commands).hasSize(4);
        assertThat(commands.get(0)).startsWith("SET a v PXAT ");
        assertThat(Long.parseLong(commands.get(0).substring("SET a v PXAT ".length())))
                .isBetween(before + 100_000, before + 110_000);
        assertThat(commands.get(1)).startsWith("PEXPIREAT a ");
        assertThat(commands.get(2)).startsWith("SET b v PXAT ");
        assertThat(commands.get(3)).isEqualTo("PEXPIREAT a 1767225600000");
    }

    /** A key must not be gone before the source says so, however long what says when lay here. */
    @Test
    void timesRelativeToNowCountFromWhenTheyCameAndNotFromBefore() throws InterruptedException {
        master.script(
                fullResync(100),
                disk(RDB),
                command("SET", "a", "v"),
                FakeMaster.pause(),
                FakeMaster.pause(),
                command("EXPIRE", "a", "50"));
        long before = System.currentTimeMillis();

        read(5);
        Thread.sleep(3 * FakeMaster.PAUSE_MS);
        Change expire = read(2).get(1);

        long at = Long.parseLong(new String(expire.command().args()[2], StandardCharsets.US_ASCII));
        assertThat(at).isBetween(before + 2 * FakeMaster.PAUSE_MS + 50_000, System.currentTimeMillis() + 50_000);
    }

    private static void assertLinked(List<Change> changes, Position first) {
        Position prev = first;
        for (Change change : changes) {
            assertThat(change.stamp().prev()).isEqualTo(prev);
            assertThat(change.stamp().position().isAfter(prev)).isTrue();
            prev = change.stamp().position();
        }
    }
}
