package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States for a compacted topic. */
@Timeout(60)
class CompactedStatesIT extends StateBed {

    @Test
    void aCompactedTopicHasNoCommandsAndBeginsAnewWhereDatabasesAreSwapped() {
        source.call("SET", "a", "1");
        capture = capture(COMPACTED, ResumePoint.start(1));
        awaitEqual();
        source.call("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1 end)");
        source.call("PUBLISH", "news", "x");
        source.call("SET", "b", "1");
        source.call("DEL", "a");
        source.call("FLUSHALL");
        source.call("SET", "c", "1");
        awaitEqual();
        source.call("SWAPDB", "0", "3");
        awaitEqual();
        assertThat(capture.status().fullSyncs()).isEqualTo(2);
        assertThat(changes)
                .extracting(Change::op)
                .doesNotContain(Op.COMMAND, Op.PUBLISH, Op.SWAPDB)
                .contains(Op.DEL, Op.FLUSH);
        assertThat(changes)
                .filteredOn(change -> change.op() == Op.FLUSH)
                .extracting(Change::key)
                .containsExactly(ChangeKey.controlOfAll(Op.FLUSH, "0"));
        assertThat(changes).allMatch(change -> change.stamp().prev().equals(Position.NONE));
        assertThat(changes)
                .filteredOn(change -> change.op() == Op.SNAPSHOT_END)
                .hasSize(2)
                .allMatch(end -> end.snapshot().counts() == null);
    }

    @Test
    void aValueThatDoesNotFitIntoARecordStopsACompactedTopic() {
        capture = capture(COMPACTED, ResumePoint.start(1));
        awaitEqual();
        source.call("CONFIG", "SET", "rdbcompression", "no");
        source.call("SET", "large", "x".repeat(2 * MAX_RECORD));
        assertThatThrownBy(this::awaitEqual)
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("max.record.bytes")
                .hasMessageNotContaining("large'");
    }
}
