package io.rediscdc.sink.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExpiryTest {

    private static final long NOW = 1_800_000_000_000L;

    private final ChangeKey key = new ChangeKey(0, new byte[] {'k'});
    private final Expiry expiry = new Expiry();

    @Test
    void inASnapshotOfAReplicaTimesAreLifted() {
        begin("a".repeat(40));
        assertThat(expiry.atTarget(key, NOW + 5_000)).isEqualTo(Lift.up(NOW + 5_000));
        assertThat(expiry.state()).isEqualTo(TtlState.LIFTED);
    }

    @Test
    void statesOfASourceThatIsNoReplicaDieWhenTheySay() {
        begin(null);
        assertThat(expiry.atTarget(key, NOW + 5_000)).isEqualTo(NOW + 5_000);
        assertThat(expiry.atTarget(key, NOW - 1)).isEqualTo(NOW - 1);
        assertThat(expiry.state()).isNotEqualTo(TtlState.LIFTED);
    }

    private void begin(String replid) {
        expiry.startAt(TtlState.MIXED, Set.of());
        expiry.now(NOW);
        Origin origin = new Origin("0", "127.0.0.1:1", replid);
        expiry.see(Change.snapshot(
                ChangeKey.control(0, Op.SNAPSHOT_BEGIN, "0"),
                Op.SNAPSHOT_BEGIN,
                new Stamp(origin, new Position(1, 1, 0), Position.NONE, null, NOW),
                SnapshotMark.begin("7.0.15", 1, null)));
    }
}
