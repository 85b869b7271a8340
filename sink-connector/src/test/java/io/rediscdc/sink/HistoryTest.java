package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private static final Position EARLIER = new Position(1, 99, 0);

    @Test
    void takesWhatComesNextAndSkipsWhatWasTaken() {
        History history = new History(Map.of("a", EARLIER), false);
        assertThat(take(history, record("a", 99, 98))).isFalse();
        assertThat(take(history, record("a", 150, 99))).isTrue();
        assertThat(take(history, record("a", 150, 99))).isFalse();
        assertThat(take(history, record("a", 151, 150))).isTrue();
        // A filter at the source relinked: prev is before what was taken, the position after it.
        assertThat(take(history, record("a", 160, 120))).isTrue();
    }

    @Test
    void findsWhatAFailedProducerBatchLeftOut() {
        History history = new History(Map.of("a", EARLIER), false);
        assertThatThrownBy(() -> take(history, record("a", 151, 150)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("1:99:0")
                .hasMessageContaining("1:150:0")
                .hasMessageContaining("t-3@17");
        assertThat(take(history, record("a", 100, 99))).isTrue();
        assertThat(take(history, record("a", 150, 100))).isTrue();
        assertThat(take(history, record("a", 151, 150))).isTrue();
    }

    @Test
    void keepsShardsApart() {
        History history = new History(Map.of("a", EARLIER), false);
        assertThat(take(history, begin("b", new Position(5, 10, 0), Position.NONE)))
                .isTrue();
        assertThat(take(history, record("a", 100, 99))).isTrue();
        assertThatThrownBy(() -> take(history, record("c", 100, 99))).hasMessageContaining("checkpoint is missing");
    }

    @Test
    void startsWithASnapshotOrWithTheBeginning() {
        Position far = new Position(3, 500, 0);
        assertThat(take(new History(Map.of(), false), begin("a", new Position(4, 0, 0), far)))
                .isTrue();
        assertThat(take(new History(Map.of(), false), record("a", 100, Position.NONE)))
                .isTrue();
        // A new epoch continues what the earlier one left, and nothing else.
        assertThat(take(new History(Map.of("a", far), false), begin("a", new Position(4, 0, 0), far)))
                .isTrue();
        assertThatThrownBy(() -> take(new History(Map.of("a", EARLIER), false), begin("a", new Position(4, 0, 0), far)))
                .hasMessageContaining("missing between position 1:99:0");
    }

    @Test
    void startsWhereAnOperatorHasChosen() {
        History history = new History(Map.of(), true);
        assertThat(take(history, record("a", 100, 99))).isTrue();
        assertThat(take(history, record("a", 100, 99))).isFalse();
        assertThatThrownBy(() -> take(history, record("a", 120, 110))).hasMessageContaining("missing between");
        Stamp stamp = new Stamp(new Origin("a", null, null), new Position(1, 7, 0), EARLIER, null, 0);
        Command second = new Command(new byte[1][1], new int[0], new Command.Transaction(3, 1, false));
        Change member = Change.executable(new ChangeKey(0, new byte[1]), Op.COMMAND, stamp, second);
        assertThatThrownBy(
                        () -> take(new History(Map.of(), true), new Delivery(new TopicPartition("t", 3), 17, member)))
                .hasMessageContaining("t-3@17")
                .hasMessageContaining("in the middle of a transaction");
        Command piece = new Command(new Piece(1, false, Piece.RESP, 2, new byte[1]), null);
        Change within = Change.executable(new ChangeKey(0, new byte[1], 1), Op.COMMAND, stamp, piece);
        assertThatThrownBy(
                        () -> take(new History(Map.of(), true), new Delivery(new TopicPartition("t", 3), 17, within)))
                .hasMessageContaining("in the middle of a large command");
    }

    private static boolean take(History history, Delivery delivery) {
        boolean isNext = history.isNext(delivery);
        if (isNext) {
            history.take(delivery);
        }
        return isNext;
    }

    private static Delivery record(String shard, long offset, long prev) {
        return record(shard, offset, new Position(1, prev, 0));
    }

    private static Delivery record(String shard, long offset, Position prev) {
        Stamp stamp = new Stamp(new Origin(shard, null, null), new Position(1, offset, 0), prev, null, 0);
        return new Delivery(new TopicPartition("t", 3), 17, Change.del(new ChangeKey(0, new byte[1]), stamp));
    }

    private static Delivery begin(String shard, Position position, Position prev) {
        Stamp stamp = new Stamp(new Origin(shard, null, null), position, prev, null, 0);
        Change change = Change.snapshot(
                ChangeKey.control(0, Op.SNAPSHOT_BEGIN, shard),
                Op.SNAPSHOT_BEGIN,
                stamp,
                SnapshotMark.begin("7.0.15", 1, null));
        return new Delivery(new TopicPartition("t", 3), 17, change);
    }
}
