package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.concat;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.command.SlotImport;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What masters send to their replicas while a slot comes or goes as a whole, as recorded of Valkey 9.1.2 and Redis 8.6.3. */
class SlotImportStreamTest {

    private static final String REPLID = "c".repeat(40);
    private static final String NAME = "d".repeat(40);

    /** A key of the second of two partitions, and one of the first. */
    private static final String KEY = "{foo}n";

    private static final String OTHER = "{bar}n";

    @Test
    void ofValkeyTheMarksAreInAllPartitionsAndTheRestOfTheProtocolInNone() throws Exception {
        byte[] history = concat(
                command(
                        "CLUSTER",
                        "SYNCSLOTS",
                        "ESTABLISH",
                        "SOURCE",
                        "a".repeat(40),
                        "NAME",
                        NAME,
                        "SLOTSRANGE",
                        "12182",
                        "12182"),
                command("CLUSTER", "SYNCSLOTS", "ACK"),
                command("SELECT", "0"),
                command("SET", KEY, "7"),
                command("SET", OTHER, "1"),
                command("CLUSTER", "SYNCSLOTS", "SNAPSHOT-EOF"),
                command("CLUSTER", "SYNCSLOTS", "PAUSED"),
                command("CLUSTER", "SYNCSLOTS", "FAILOVER-GRANTED"),
                command("CLUSTER", "SYNCSLOTS", "FINISH", "STATE", "SUCCESS", "NAME", NAME, "MESSAGE", ""),
                command("INCR", KEY));
        List<Change> changes = read(history);
        assertThat(of(changes, 0))
                .containsExactly("CLUSTER SYNCSLOTS ESTABLISH", "SET " + OTHER, "CLUSTER SYNCSLOTS FINISH");
        assertThat(of(changes, 1))
                .containsExactly(
                        "CLUSTER SYNCSLOTS ESTABLISH", "SET " + KEY, "CLUSTER SYNCSLOTS FINISH", "INCR " + KEY);
        assertThat(changes)
                .filteredOn(change -> of(change).startsWith("CLUSTER"))
                .allSatisfy(change -> {
                    assertThat(change.op()).isEqualTo(Op.COMMAND);
                    assertThat(change.command().keys()).isEmpty();
                });
    }

    @Test
    void ofRedisTheTaskIsTheMarkAndWhatLeavesIsNone() throws Exception {
        String task = NAME + ":" + "a".repeat(40) + ":" + "b".repeat(40);
        byte[] history = concat(
                command("CLUSTER", "SYNCSLOTS", "CONF", "ASM-TASK", task + ":import:connecting:12182-12182"),
                command("CLUSTER", "SYNCSLOTS", "CONF", "SLOT-INFO", "12182:1:0"),
                command("SET", KEY, "7"),
                command("CLUSTER", "SYNCSLOTS", "CONF", "ASM-TASK", task + ":import:completed:12182-12182"),
                // Some other slots leave.
                command("CLUSTER", "SYNCSLOTS", "CONF", "ASM-TASK", task + ":migrate:completed:1-2"),
                command("TRIMSLOTS", "RANGES", "1", "1", "2"),
                command("INCR", KEY));
        List<Change> changes = read(history);
        assertThat(of(changes, 0)).containsExactly("CLUSTER SYNCSLOTS CONF", "CLUSTER SYNCSLOTS CONF");
        assertThat(of(changes, 1))
                .containsExactly("CLUSTER SYNCSLOTS CONF", "SET " + KEY, "CLUSTER SYNCSLOTS CONF", "INCR " + KEY);
    }

    @Test
    void aSnapshotSaysWhatIsOnItsWay() throws Exception {
        byte[] rdb = MasterBytes.rdbSaying("302f:46b7:63d0:import:accumulate-buffer:12182-12183", 0, KEY, OTHER);
        List<Change> changes = new ArrayList<>();
        try (FakeMaster master = new FakeMaster();
                ReplicaCapture capture = master.capture(ResumePoint.start(2))) {
            master.script(MasterBytes.fullResync(100), MasterBytes.disk(rdb));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (changes.size() < 8 && System.nanoTime() < deadline) {
                capture.read(changes, 1 + changes.size(), 5, System.nanoTime());
            }
        }
        assertThat(changes)
                .extracting(Change::op)
                .containsExactly(
                        Op.SNAPSHOT_BEGIN,
                        Op.SNAPSHOT_BEGIN,
                        Op.COMMAND,
                        Op.COMMAND,
                        Op.SET,
                        Op.SET,
                        Op.SNAPSHOT_END,
                        Op.SNAPSHOT_END);
        assertThat(changes.subList(2, 4))
                .allSatisfy(change -> assertThat(SlotImport.of(change.command().args()))
                        .isEqualTo(new SlotImport("302f", SlotRanges.parse("12182-12183"), false)));
        assertThat(changes.get(2).stamp().partition()).isZero();
        assertThat(changes.get(3).stamp().partition()).isEqualTo(1);
    }

    /** Reads until the end of the history; each partition is linked. */
    private static List<Change> read(byte[] history) throws Exception {
        Position before = new Position(77, 480, 0);
        ResumePoint from = new ResumePoint(REPLID, 500, 0, 77, List.of(before, before), 0);
        List<Change> changes = new ArrayList<>();
        try (FakeMaster master = new FakeMaster();
                ReplicaCapture capture = master.capture(from)) {
            master.info("master", REPLID, 1, 500 + history.length)
                    .script(ascii("+CONTINUE " + REPLID + "\r\n"), history);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (capture.resumePoint().offset() < 500 + history.length && System.nanoTime() < deadline) {
                capture.read(changes, 1 + changes.size(), 5, System.nanoTime());
            }
            assertThat(capture.resumePoint().offset()).isEqualTo(500 + history.length);
        }
        for (int partition : new int[] {0, 1}) {
            Position last = before;
            for (Change change : changes) {
                if (change.stamp().partition() == partition) {
                    assertThat(change.stamp().prev()).isEqualTo(last);
                    last = change.stamp().position();
                }
            }
        }
        return changes;
    }

    private static List<String> of(List<Change> changes, int partition) {
        return changes.stream()
                .filter(change -> change.stamp().partition() == partition)
                .map(SlotImportStreamTest::of)
                .toList();
    }

    private static String of(Change change) {
        byte[][] args = change.command().args();
        return Stream.of(args)
                .limit(new String(args[0], StandardCharsets.UTF_8).equals("CLUSTER") ? 3 : 2)
                .map(arg -> new String(arg, StandardCharsets.UTF_8))
                .collect(Collectors.joining(" "));
    }
}
