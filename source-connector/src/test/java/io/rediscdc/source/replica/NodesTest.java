package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.REPLID;
import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.disk;
import static io.rediscdc.source.replica.MasterBytes.fullResync;
import static io.rediscdc.source.replica.MasterBytes.rdb;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.StateRequests;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several nodes of a shard, and what each is told. */
@Timeout(60)
class NodesTest {

    private static final byte[] CONTINUE = ascii("+CONTINUE " + REPLID + "\r\n");
    private static final byte[] GETACK = command("REPLCONF", "GETACK", "*");
    private static final byte[] SET = command("SET", "a", "1");
    private static final ResumePoint AT_500 = new ResumePoint(REPLID, 500, 0, 77, List.of(new Position(77, 480, 0)), 0);

    private FakeMaster first;
    private FakeMaster second;
    private ReplicaCapture capture;

    @BeforeEach
    void start() throws IOException {
        first = new FakeMaster();
        second = new FakeMaster();
    }

    @AfterEach
    void stop() throws IOException {
        capture.close();
        first.close();
        second.close();
    }

    @Test
    void goesOnAtAnotherNodeWhenOneIsLost() throws IOException {
        first.info("master", REPLID, 1, 1000).script(fullResync(100), disk(rdb(0, "k")), SET, FakeMaster.hangUp());
        second.info("master", REPLID, 1, 1000).script(CONTINUE, SET);
        attachToBoth(ResumePoint.start(1));
        List<Change> changes = read(4);
        first.close();
        changes.addAll(read(1));
        assertThat(second.asked).contains("PSYNC " + REPLID + " " + (101 + SET.length));
        assertThat(changes.get(4).stamp().prev())
                .isEqualTo(changes.get(3).stamp().position());
    }

    @Test
    void asksTheNodeThatCanContinueAndNoOther() {
        first.info("slave", REPLID, 900, 100);
        second.info("master", REPLID, 1, 1000).script(CONTINUE, SET);
        attachToBoth(AT_500);
        assertThat(read(1)).extracting(Change::op).containsExactly(Op.COMMAND);
        assertThat(first.asked).noneMatch(line -> line.startsWith("PSYNC"));
    }

    @Test
    void prefersTheReplica() {
        first.info("master", REPLID, 1, 1000);
        second.info("slave", REPLID, 1, 1000).script(CONTINUE, SET);
        attachToBoth(AT_500);
        assertThat(read(1)).extracting(Change::op).containsExactly(Op.COMMAND);
        assertThat(first.asked).noneMatch(line -> line.startsWith("PSYNC"));
    }

    @Test
    void waitsAWhileForANodeThatIsBehindRatherThanReadEverything() {
        first.info("slave", REPLID, 1, 100).script(CONTINUE, SET);
        second.info("slave", "b".repeat(40), 1, 1000);
        attachToBoth(AT_500);
        assertThat(poll()).isEmpty();
        first.info("slave", REPLID, 1, 500);
        assertThat(read(1)).extracting(Change::op).containsExactly(Op.COMMAND);
    }

    @Test
    void readsEverythingWhereNobodyCanContinue() {
        first.info("master", REPLID, 900, 100).script(fullResync(1000), disk(rdb(0, "k")), SET);
        second.info("master", "b".repeat(40), 1, 1000).script(fullResync(1000), disk(rdb(0, "k")), SET);
        attachToBoth(AT_500);
        assertThat(read(4).get(0).op()).isEqualTo(Op.SNAPSHOT_BEGIN);
    }

    @Test
    void aMasterIsToldNothing() {
        first.info("master", REPLID, 1, 1000).script(CONTINUE, SET, GETACK);
        attachToFirst(AckMode.NONE, AT_500);
        read(1);
        awaitAck(first, 0);
        assertThat(first.asked).noneMatch(line -> line.startsWith("REPLCONF ACK") && !line.endsWith(" 0"));
    }

    @Test
    void aReplicaIsToldWhatHasBeenReceived() {
        first.info("slave", REPLID, 1, 1000).script(CONTINUE, SET, GETACK);
        attachToFirst(AckMode.NONE, AT_500);
        read(1);
        awaitAck(first, 500 + SET.length + GETACK.length);
    }

    @Test
    void receivedDoesNotCountTheSnapshot() {
        first.info("master", REPLID, 1, 1000).script(fullResync(100), disk(rdb(0, "k")), SET, GETACK);
        attachToFirst(AckMode.RECEIVED, ResumePoint.start(1));
        read(4);
        awaitAck(first, 100 + SET.length + GETACK.length);
        assertThat(first.asked).doesNotContain("REPLCONF ACK " + (101 + SET.length + GETACK.length));
    }

    @Test
    void committedIsToldAtOnceAndNoEarlier() {
        first.info("master", REPLID, 1, 1000).script(CONTINUE, SET, GETACK);
        attachToFirst(AckMode.COMMITTED, AT_500);
        read(1);
        ResumePoint point = capture.resumePoint();
        for (int i = 0; i < 20; i++) {
            poll();
        }
        assertThat(first.asked).noneMatch(line -> line.startsWith("REPLCONF ACK") && !line.endsWith(" 500"));

        capture.committed(point);

        await().atMost(Duration.ofMillis(500)).untilAsserted(() -> assertThat(first.asked)
                .contains("REPLCONF ACK " + (500 + SET.length + GETACK.length)));
    }

    @Test
    void whatNeedsNoRecordIsCommittedOnceReadWithoutWaiting() {
        byte[] ours = command("SET", "__redis-cdc:x", "1");
        first.info("master", REPLID, 1, 1000).script(CONTINUE, ours, GETACK);
        attachToFirst(AckMode.COMMITTED, AT_500);
        List<Change> none = new ArrayList<>();
        long start = System.nanoTime();
        capture.read(none, 10, 10_000, System.nanoTime());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(none).isEmpty();
        awaitAck(first, 500 + ours.length + GETACK.length);
    }

    private static void awaitAck(FakeMaster master, long offset) {
        await().untilAsserted(() -> assertThat(master.asked).contains("REPLCONF ACK " + offset));
    }

    private void attachToFirst(AckMode mode, ResumePoint from) {
        attach(List.of(first.address()), mode, from);
    }

    private void attachToBoth(ResumePoint from) {
        attach(List.of(first.address(), second.address()), AckMode.NONE, from);
    }

    private void attach(List<RedisAddress> nodes, AckMode mode, ResumePoint from) {
        LinkOptions link = new LinkOptions(1000, 1000, 5000, SpoolOptions.memory(1 << 20));
        capture = new ReplicaCapture(
                new ReplicaOptions(
                        nodes, ReadFrom.REPLICA_PREFERRED, null, null, "0", true, 1_000_000, 0, 20_000, mode, link),
                from,
                StateRequests.NONE);
    }

    private List<Change> poll() {
        List<Change> changes = new ArrayList<>();
        capture.read(changes, 100, 5, System.nanoTime());
        return changes;
    }

    private List<Change> read(int count) {
        List<Change> changes = new ArrayList<>();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    changes.addAll(poll());
                    return changes.size() >= count;
                });
        assertThat(changes).hasSize(count);
        return changes;
    }
}
