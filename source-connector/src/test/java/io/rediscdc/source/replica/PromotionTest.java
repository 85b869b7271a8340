package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Before anything of a promoted server it is said up to where its history is what it was called before. */
class PromotionTest extends CaptureBed {

    private static final String FORMER = "a".repeat(40);
    private static final String HISTORY = "b".repeat(40);
    private static final byte[] CONTINUE = ascii("+CONTINUE " + HISTORY + "\r\n");
    private static final SnapshotMark UP_TO_800 = SnapshotMark.promotion(new Position(77, 800, 0));

    @Test
    void isToldOfFirst() {
        Position last = new Position(77, 480, 0);
        attach(new ResumePoint(FORMER, 500, 0, 77, List.of(last), 12_345));
        promoted().script(CONTINUE, command("INCR", "n"));

        List<Change> changes = read(2);

        assertThat(changes).extracting(Change::op).containsExactly(Op.HEARTBEAT, Op.COMMAND);
        assertThat(changes.get(0).snapshot()).isEqualTo(UP_TO_800);
        assertThat(changes.get(0).stamp().position()).isEqualTo(new Position(77, 500, 0));
        assertThat(changes.get(0).stamp().tsMs()).isEqualTo(12_345);
        assertThat(changes.get(0).stamp().origin().replid()).isEqualTo(HISTORY);
        assertLinked(changes, last);
    }

    @Test
    void eachPartitionIsToldBehindWhatItHas() {
        Position first = new Position(77, 480, 0);
        Position second = new Position(77, 500, 3);
        attach(new ResumePoint(FORMER, 500, 0, 77, List.of(first, second), 0));
        promoted().script(CONTINUE, command("INCR", "n"));

        List<Change> changes = read(3);

        assertThat(changes.subList(0, 2)).extracting(Change::snapshot).containsExactly(UP_TO_800, UP_TO_800);
        assertThat(changes.get(0).stamp().prev()).isEqualTo(first);
        assertThat(changes.get(1).stamp().prev()).isEqualTo(second);
        assertThat(changes.get(1).stamp().position()).isEqualTo(new Position(77, 500, 4));
        assertThat(changes.get(0).stamp().tsMs()).isCloseTo(System.currentTimeMillis(), within(60_000L));
    }

    @Test
    void whoGoesOnBeforeAllHaveBeenToldTellsThemToo() {
        Position last = new Position(77, 480, 0);
        attach(new ResumePoint(FORMER, 500, 0, 77, List.of(last, last), 0));
        promoted().script(CONTINUE, command("INCR", "n"));

        assertThat(read(1).get(0).snapshot()).isEqualTo(UP_TO_800);
        assertThat(capture.resumePoint().replid()).isEqualTo(FORMER);
        assertThat(read(1).get(0).snapshot()).isEqualTo(UP_TO_800);
        assertThat(capture.resumePoint().replid()).isEqualTo(HISTORY);
    }

    @Test
    void whatTheServerSaidBeforeItWasPromotedIsAskedAgain() {
        attach(new ResumePoint(FORMER, 500, 0, 77, List.of(new Position(77, 480, 0)), 0));
        master.info("slave", FORMER, 1, 1000);
        for (int i = 0; i < 10; i++) {
            master.script(CONTINUE, command("INCR", "n"));
        }
        await().untilAsserted(() -> {
            capture.read(new ArrayList<>(), 1, 5, System.nanoTime());
            assertThat(master.asked)
                    .filteredOn(line -> line.startsWith("PSYNC"))
                    .isNotEmpty();
        });
        promoted();

        assertThat(read(1).get(0).snapshot()).isEqualTo(UP_TO_800);
    }

    @Test
    void aHistoryThatHasNoOtherNameIsNotToldOf() {
        attach(new ResumePoint(FORMER, 500, 0, 77, List.of(new Position(77, 480, 0)), 0));
        master.info("master", FORMER, 1, 1000).script(ascii("+CONTINUE " + FORMER + "\r\n"), command("INCR", "n"));
        assertThat(read(1)).extracting(Change::op).containsExactly(Op.COMMAND);
    }

    private void attach(ResumePoint from) {
        capture.close();
        capture = capture(from);
    }

    private FakeMaster promoted() {
        return master.info("master", HISTORY, FORMER, 801, 1, 1000);
    }
}
