package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Position;
import io.rediscdc.source.replica.ResumePoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceOffsetTest {

    private static final String REPLID = "0123456789abcdef0123456789abcdef01234567";
    private static final ResumePoint STREAM = new ResumePoint(
            REPLID,
            1234,
            3,
            1_767_225_600_000L,
            List.of(new Position(1_767_225_600_000L, 1200, 0)),
            1_767_225_612_345L);

    @Test
    void readsWhatItWrote() {
        assertThat(SourceOffset.read(SourceOffset.write(STREAM))).isEqualTo(STREAM);
    }

    /** Some of the states are ahead of the point, and commands that follow it would be taken for old. */
    @Test
    void commandsCannotGoOnWhereStatesWereTold() {
        Map<String, Object> ofStates = SourceOffset.write(STREAM, true);
        assertThat(ofStates).containsEntry("changes", "state");
        assertThat(SourceOffset.readFor(ofStates, true)).isEqualTo(STREAM);
        assertThat(SourceOffset.readFor(SourceOffset.write(STREAM, false), true))
                .isEqualTo(STREAM);
        ResumePoint commands = SourceOffset.readFor(ofStates, false);
        assertThat(commands.isPartial()).isFalse();
        assertThat(commands.last()).isEqualTo(STREAM.last());
    }

    @Test
    void inASnapshotOnlyTheEpochAndTheLinksAreKept() {
        ResumePoint snapshot = new ResumePoint(null, 0, 0, 9, List.of(new Position(9, 5, 77)), 0);
        Map<String, Object> offset = SourceOffset.write(snapshot);

        assertThat(offset).containsEntry("phase", "snapshot").doesNotContainKeys("replid", "offset", "db");
        assertThat(SourceOffset.read(offset)).isEqualTo(snapshot);
    }

    @Test
    void theFormIsPartOfTheApi() {
        assertThat(SourceOffset.write(STREAM))
                .hasToString("{format=1, phase=stream, replid=" + REPLID
                        + ", offset=1234, db=3, epoch=1767225600000, last=1767225600000:1200:0,"
                        + " ts_ms=1767225612345}");
        assertThat(SourceOffset.partition("shop", "0"))
                .hasToString("{source=shop, shard=0}")
                .isEqualTo(Map.of("shard", "0", "source", "shop"))
                .hasSameHashCodeAs(Map.of("shard", "0", "source", "shop"));
    }

    @Test
    void readsNumbersAsJsonBringsThem() {
        Map<String, Object> offset = new HashMap<>(SourceOffset.write(STREAM));
        offset.put("db", 3);
        offset.put("format", 1);
        assertThat(SourceOffset.read(offset)).isEqualTo(STREAM);
    }

    @ParameterizedTest
    @CsvSource({
        "format, 2",
        "phase, sleep",
        "replid, xyz",
        "offset, -1",
        "offset, 1.5",
        "offset, many",
        "db,",
        "epoch,",
        "last, 1:2",
        "last, 1:2:x"
    })
    void namesTheFieldThatMakesNoSense(String field, String value) {
        Map<String, Object> offset = new HashMap<>(SourceOffset.write(STREAM));
        offset.put(field, value != null && value.matches("[-\\d.]+") ? Double.valueOf(value) : value);
        assertThatThrownBy(() -> SourceOffset.read(offset))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("'" + field + "'");
    }
}
