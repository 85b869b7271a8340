package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GoneShardTest {

    private static final List<Position> LAST = List.of(new Position(77, 480, 0), new Position(77, 500, 3));

    private final AtomicLong nowMs = new AtomicLong(1_000_000);

    @Test
    void saysTwiceThatItOwnsNothing() {
        GoneShard gone = new GoneShard("s", new ResumePoint("c".repeat(40), 500, 0, 77, LAST, 0), nowMs::get);
        List<Change> first = read(gone);
        assertThat(first).hasSize(2).allSatisfy(change -> {
            assertThat(change.op()).isEqualTo(Op.HEARTBEAT);
            assertThat(change.stamp().origin().shard()).isEqualTo("s");
            assertThat(change.stamp().slots()).isEmpty();
            assertThat(change.stamp().slotEpoch()).isZero();
            assertThat(change.stamp().prev()).isEqualTo(LAST.get(change.stamp().partition()));
            assertThat(change.stamp().position()).isGreaterThan(change.stamp().prev());
        });
        assertThat(read(gone)).isEmpty();

        nowMs.addAndGet(GoneShard.PAUSE_MS);
        List<Change> second = read(gone);
        assertThat(second).hasSize(2).allSatisfy(change -> {
            Change before = first.get(change.stamp().partition());
            assertThat(change.stamp().prev()).isEqualTo(before.stamp().position());
            assertThat(change.stamp().tsMs() - before.stamp().tsMs()).isGreaterThan(10_000);
        });
        assertThat(gone.resumePoint().last())
                .containsExactly(
                        second.get(0).stamp().position(), second.get(1).stamp().position());
        assertThat(gone.resumePoint().offset()).isEqualTo(500);

        nowMs.addAndGet(GoneShard.PAUSE_MS);
        assertThat(read(gone)).isEmpty();
    }

    @Test
    void hasNothingToSayOfAShardThatWasNeverRead() {
        assertThat(read(new GoneShard("s", ResumePoint.start(2), nowMs::get))).isEmpty();
    }

    private static List<Change> read(GoneShard gone) {
        List<Change> changes = new ArrayList<>();
        gone.read(changes, 10, 0, 0);
        return changes;
    }
}
