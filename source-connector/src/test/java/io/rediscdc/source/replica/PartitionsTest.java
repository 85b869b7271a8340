package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.concat;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import io.rediscdc.model.Position;
import io.rediscdc.slot.Slot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A history over two partitions: each is linked, and has its part of a transaction, by itself. */
class PartitionsTest {

    private static final String REPLID = "c".repeat(40);
    private static final String LOW = key(0);
    private static final String HIGH = key(1);

    @Test
    void eachPartitionHasItsOwnEndOfATransaction() throws Exception {
        byte[] history = concat(
                command("SET", LOW, "1"),
                command("MULTI"),
                command("SET", LOW, "2"),
                command("SET", HIGH, "2"),
                command("FLUSHALL"),
                command("SET", HIGH, "3"),
                command("EXEC"));
        Position before = new Position(77, 480, 0);
        ResumePoint from = new ResumePoint(REPLID, 500, 0, 77, List.of(before, before), 0);
        try (FakeMaster master = new FakeMaster();
                ReplicaCapture capture = master.capture(from)) {
            master.info("master", REPLID, 1, 500 + history.length)
                    .script(ascii("+CONTINUE " + REPLID + "\r\n"), history);
            List<Change> changes = new ArrayList<>();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (changes.size() < 6 && System.nanoTime() < deadline) {
                // One by one: no place to resume from is within what belongs together.
                capture.read(changes, 1 + changes.size(), 5, System.nanoTime());
                long first = command("SET", LOW, "1").length;
                assertThat(capture.resumePoint().offset())
                        .isEqualTo(500 + (changes.isEmpty() ? 0 : changes.size() < 6 ? first : history.length));
            }
            assertThat(capture.resumePoint().offset()).isEqualTo(500 + history.length);
            assertThat(of(changes, 0)).containsExactly("SET", "SET 0", "FLUSHALL 1 last");
            assertThat(of(changes, 1)).containsExactly("SET 0", "FLUSHALL 1", "SET 2 last");
            for (int partition : new int[] {0, 1}) {
                Position last = before;
                for (Change change : changes) {
                    if (change.stamp().partition() == partition) {
                        assertThat(change.stamp().prev()).isEqualTo(last);
                        last = change.stamp().position();
                    }
                }
            }
        }
    }

    private static List<String> of(List<Change> changes, int partition) {
        return changes.stream()
                .filter(change -> change.stamp().partition() == partition)
                .map(change -> new String(change.command().args()[0], StandardCharsets.UTF_8)
                        + place(change.command().tx()))
                .toList();
    }

    private static String place(Command.Transaction tx) {
        return tx == null ? "" : " " + tx.index() + (tx.last() ? " last" : "");
    }

    private static String key(int partition) {
        for (int i = 0; ; i++) {
            String key = "k" + i;
            if (Slot.partition(Slot.of(key.getBytes(StandardCharsets.UTF_8)), 2) == partition) {
                return key;
            }
        }
    }
}
