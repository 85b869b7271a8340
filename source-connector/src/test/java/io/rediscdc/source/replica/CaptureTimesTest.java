package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.REPLID;
import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.concat;
import static io.rediscdc.source.replica.MasterBytes.disk;
import static io.rediscdc.source.replica.MasterBytes.fullResync;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When what comes happened, and when it expires. */
@Timeout(60)
class CaptureTimesTest extends CaptureBed {

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
}
