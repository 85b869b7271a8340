package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.disk;
import static io.rediscdc.source.replica.MasterBytes.fullResync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What breaks off, is refused, or stays away. */
@Timeout(60)
class CaptureFailuresTest extends CaptureBed {

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
}
