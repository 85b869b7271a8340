package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import io.rediscdc.source.cluster.Ownership;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {

    private static final Position FIRST = new Position(77, 480, 0);
    private static final Position SECOND = new Position(77, 490, 0);
    private static final Ownership OWNS = new Ownership(SlotRanges.parse("0-9000"), 3);

    private final Chain chain = new Chain(List.of(FIRST, SECOND));
    private final Stamper stamper =
            new Stamper(chain, new Origin("shard", "127.0.0.1:1", "b".repeat(40)), 77, () -> OWNS);
    private final Announcements announcements = new Announcements(chain, stamper);

    /** Of each partition, where what was told stands. */
    private final List<Position> last = new ArrayList<>(List.of(FIRST, SECOND));

    @Test
    void aPromotionIsToldBeforeTheSlots() {
        announcements.promotion(800, 500, 1);
        assertThat(told(announcements.ownership(OWNS, 500, 1)))
                .containsExactly("promotion", "promotion", "0-8191", "8192-9000");
    }

    @Test
    void aPromotionIsToldBeforeAHeartbeat() {
        announcements.promotion(800, 500, 1);
        assertThat(told(announcements.heartbeats(600, 1))).containsExactly("promotion", "promotion");
        assertThat(told(announcements.heartbeats(600, 1))).containsExactly("heartbeat", "heartbeat");
    }

    @Test
    void aPromotionIsToldToEachPartitionOnce() {
        announcements.promotion(800, 500, 1);
        List<Change> all = new ArrayList<>(List.of(announcements.next()));
        all.addAll(announcements.ownership(OWNS, 500, 1));
        assertThat(told(all)).containsExactly("promotion", "promotion", "0-8191", "8192-9000");
        assertThat(announcements.next()).isNull();
    }

    /** What each says; each is linked to the one before it in its partition. */
    private List<String> told(List<Change> changes) {
        List<String> said = new ArrayList<>();
        for (Change change : changes) {
            Position prev = last.get(change.stamp().partition());
            assertThat(change.stamp().prev()).isEqualTo(prev);
            last.set(change.stamp().partition(), change.stamp().position());
            String slots = change.stamp().slots();
            said.add(change.snapshot() != null ? "promotion" : slots == null ? "heartbeat" : slots);
        }
        return said;
    }
}
