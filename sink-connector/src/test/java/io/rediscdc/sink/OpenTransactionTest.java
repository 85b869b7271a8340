package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OpenTransactionTest {

    private final OpenTransaction transaction = new OpenTransaction(100, true);

    @Test
    void givesMembersTogether() {
        assertThat(transaction.add(record(1, null, 10))).hasSize(1);
        assertThat(transaction.add(record(2, new Command.Transaction(5, 0, true), 10)))
                .hasSize(1);
        assertThat(transaction.add(record(3, new Command.Transaction(6, 0, false), 10)))
                .isEmpty();
        assertThat(transaction.isEmpty()).isFalse();
        assertThat(transaction.add(record(4, new Command.Transaction(6, 1, false), 10)))
                .isEmpty();
        assertThat(transaction.add(record(5, new Command.Transaction(6, 2, true), 10)))
                .extracting(Delivery::offset)
                .containsExactly(3L, 4L, 5L);
        assertThat(transaction.isEmpty()).isTrue();
    }

    @Test
    void noticesAMissingEnd() {
        transaction.add(record(3, new Command.Transaction(6, 0, false), 10));
        assertThatThrownBy(() -> transaction.add(record(4, null, 10)))
                .hasMessageContaining("t-0@3")
                .hasMessageContaining("t-0@4");
        assertThatThrownBy(() -> transaction.add(record(4, new Command.Transaction(7, 0, true), 10)))
                .hasMessageContaining("no end before t-0@4");
    }

    @Test
    void aNewSnapshotTakesThePlaceOfATransactionWithoutEnd() {
        transaction.add(record(3, new Command.Transaction(6, 0, false), 10));
        Stamp stamp = new Stamp(new Origin("a", null, null), new Position(2, 0, 0), Position.NONE, null, 0);
        Change begin = Change.snapshot(
                new ChangeKey(0, new byte[0]), Op.SNAPSHOT_BEGIN, stamp, SnapshotMark.begin("7.0.15", 1, null));

        assertThat(transaction.add(new Delivery(new TopicPartition("t", 0), 4, begin)))
                .extracting(Delivery::offset)
                .containsExactly(4L);
        assertThat(transaction.isEmpty()).isTrue();
    }

    @Test
    void refusesWhatIsTooLarge() {
        transaction.add(record(3, new Command.Transaction(6, 0, false), 60));
        assertThatThrownBy(() -> transaction.add(record(4, new Command.Transaction(6, 1, false), 60)))
                .hasMessageContaining("t-0@3")
                .hasMessageContaining("100 bytes")
                .hasMessageContaining("transaction.max.bytes");
    }

    private static Delivery record(long offset, Command.Transaction tx, int bytes) {
        Stamp stamp = new Stamp(new Origin("a", null, null), new Position(1, offset, 0), Position.NONE, null, 0);
        Command command = new Command(new byte[][] {new byte[bytes]}, new int[0], tx);
        Change change = Change.executable(new ChangeKey(0, new byte[0]), Op.COMMAND, stamp, command);
        return new Delivery(new TopicPartition("t", 0), offset, change);
    }
}
