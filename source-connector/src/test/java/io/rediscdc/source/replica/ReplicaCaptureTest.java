package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.REPLID;
import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.concat;
import static io.rediscdc.source.replica.MasterBytes.disk;
import static io.rediscdc.source.replica.MasterBytes.fullResync;
import static io.rediscdc.source.replica.MasterBytes.rdb;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Snapshots, the stream, and where to go on. */
@Timeout(60)
class ReplicaCaptureTest extends CaptureBed {

    private static final String MARKER = "f".repeat(40);

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
}
