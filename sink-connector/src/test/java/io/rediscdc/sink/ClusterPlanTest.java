package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterPlanTest {

    private static final SlotRanges OURS = SlotRanges.parse("0-8191");
    private static final ChangeKey OURS_OWED_HERE = key("bar", true);
    private static final ChangeKey OURS_OWED_THERE = key("b", true);
    private static final ChangeKey THEIRS_OWED_HERE = key("a", false);
    private static final ChangeKey THEIRS_OWED_THERE = key("foo", false);

    /** What is known of keys belongs to a position, also of those of other slots, which may come here later. */
    @Test
    void whatIsOwedComesFromWhereItBegins() {
        ClusterHome here = home(OURS, OURS_OWED_HERE, THEIRS_OWED_HERE);
        ClusterHome there = home(SlotRanges.ALL.minus(OURS), OURS_OWED_THERE, THEIRS_OWED_THERE);
        ClusterPlan plan = ClusterPlan.of(
                OURS,
                ClusterPlan.newest(List.of(here, there)),
                List.of(OURS_OWED_HERE, THEIRS_OWED_HERE, OURS_OWED_THERE, THEIRS_OWED_THERE));
        assertThat(plan.owed()).containsExactlyInAnyOrder(OURS_OWED_HERE, THEIRS_OWED_HERE, OURS_OWED_THERE);
    }

    private static ClusterHome home(SlotRanges covered, ChangeKey... owed) {
        int slot = covered.stream().findFirst().orElseThrow();
        CheckpointKey key = CheckpointKey.inSlot(slot, "flow", Feed.PARTITION);
        return new ClusterHome(slot, key, Checkpoint.none(), covered, 1, List.of(), List.of(owed), List.of());
    }

    private static ChangeKey key(String name, boolean ours) {
        ChangeKey key = new ChangeKey(0, name.getBytes(StandardCharsets.UTF_8));
        assertThat(OURS.contains(Slot.of(key.key()))).isEqualTo(ours);
        return key;
    }
}
