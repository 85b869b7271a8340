package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.rdb;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.StateRequests;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A master that says what it is told to, and a capture of it. */
abstract class CaptureBed {

    static final long RETRY_TIMEOUT_MS = 1500;
    static final byte[] RDB = rdb(3, "one", "two", "three");

    FakeMaster master;
    ReplicaCapture capture;

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

    List<Change> read(int count) {
        return read(capture, count);
    }

    static List<Change> read(ReplicaCapture capture, int count) {
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

    ReplicaCapture capture(ResumePoint from) {
        return capture(master, from, 0);
    }

    static ReplicaCapture capture(FakeMaster master, ResumePoint from, long heartbeatMs) {
        return capture(master, from, 1_000_000, heartbeatMs);
    }

    static ReplicaCapture capture(FakeMaster master, ResumePoint from, int maxRecordBytes, long heartbeatMs) {
        LinkOptions link = new LinkOptions(1000, 1000, 5000, SpoolOptions.memory(1 << 20));
        return new ReplicaCapture(
                new ReplicaOptions(
                        List.of(master.address()),
                        ReadFrom.REPLICA_PREFERRED,
                        null,
                        null,
                        "0",
                        true,
                        maxRecordBytes,
                        heartbeatMs,
                        RETRY_TIMEOUT_MS,
                        AckMode.NONE,
                        link),
                from,
                StateRequests.NONE);
    }

    static void assertLinked(List<Change> changes, Position first) {
        Position prev = first;
        for (Change change : changes) {
            assertThat(change.stamp().prev()).isEqualTo(prev);
            assertThat(change.stamp().position().isAfter(prev)).isTrue();
            prev = change.stamp().position();
        }
    }
}
