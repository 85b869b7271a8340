package io.rediscdc.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.slot.Slot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFactoryTest {

    private static final Stamp STAMP =
            new Stamp(new Origin("0", null, null), new Position(1, 2, 3), Position.NONE, 1, 4);

    private final byte[] dump = DumpPayload.of(RdbType.LIST, "\2\1a\1b".getBytes(ISO_8859_1), 10);

    @Test
    void dumpsAreTheDefault() {
        Struct value = (Struct) record(new State("list", dump, Flavour.REDIS, 10, null, null, null))
                .value();
        assertThat(value.getBytes("dump")).isSameAs(dump);
        assertThat(value.get("list")).isNull();
    }

    /** A poll would have many times its bytes in memory otherwise. */
    @Test
    void elementsAreDecodedForWhoAsksAndNotKept() {
        SourceRecord record =
                record(new State("list", dump, Flavour.REDIS, 10, null, null, null), "value.format", "typed");
        Struct value = (Struct) record.value();
        assertThat(value.getBytes("dump")).isNull();
        assertThat(value.getArray("list")).containsExactly(new byte[] {'a'}, new byte[] {'b'});
        assertThat(((Struct) record.value()).getArray("list")).hasSize(2).isNotSameAs(value.getArray("list"));
        assertThat(record.valueSchema()).isSameAs(value.schema());
    }

    @Test
    void whatWouldBeTooLargeStaysADump() {
        byte[] large = DumpPayload.of(RdbType.LIST, ("\1\100\377" + "x".repeat(255)).getBytes(ISO_8859_1), 10);
        State state = new State("list", large, Flavour.REDIS, 10, null, null, null);
        assertThat(value(state, "1024").get("list")).isNotNull();
        byte[] larger = DumpPayload.of(RdbType.LIST, ("\1\103\100" + "x".repeat(832)).getBytes(ISO_8859_1), 10);
        state = new State("list", larger, Flavour.REDIS, 10, null, null, null);
        assertThat(value(state, "1024").getBytes("dump")).isSameAs(larger);
        assertThat(value(state, "2048").getBytes("dump")).isNull();
    }

    @Test
    void piecesStayPieces() {
        Piece piece = new Piece(0, true, Piece.COMMANDS, 1, new byte[] {1});
        SourceRecord record =
                record(new State("list", null, Flavour.REDIS, 10, null, null, null, piece), "value.format", "typed");
        assertThat(((Struct) record.value()).getBytes("chunk_data")).isSameAs(piece.data());
        assertThat(record.value()).isSameAs(record.value());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void headersOfKeysAreOnRequest(boolean headers) {
        RecordFactory factory = new RecordFactory(new ChangeCodec(), "t", Map.of(), headers, false);
        ChangeKey key = new ChangeKey(0, new byte[] {'k'});
        List<SourceRecord> records = factory.records(
                List.of(Change.del(key, STAMP), Change.heartbeat(key, STAMP)), Map.of(), Map.of(), null);

        assertThat(records.get(0).headers().isEmpty()).isEqualTo(!headers);
        assertThat(records.get(1).headers().lastWithName("op").value()).isEqualTo("heartbeat");
    }

    @Test
    void aDeletionFromACompactedTopicIsATombstoneThatSaysWhereItStands() {
        Change deletion = Change.del(new ChangeKey(3, new byte[] {'k'}), STAMP);
        RecordFactory factory = new RecordFactory(new ChangeCodec(), "t", Map.of(), false, true);
        SourceRecord record =
                factory.records(List.of(deletion), Map.of(), Map.of(), null).get(0);
        assertThat(record.value()).isNull();
        assertThat(record.valueSchema()).isNull();
        Change read = new ChangeCodec().tombstone(record.key(), record.headers(), record.timestamp());
        assertThat(read.op()).isEqualTo(Op.DEL);
        assertThat(read.key()).isEqualTo(deletion.key());
        assertThat(read.stamp().position()).isEqualTo(STAMP.position());
        assertThat(read.stamp().origin().shard()).isEqualTo(STAMP.origin().shard());
        assertThat(read.stamp().tsMs()).isEqualTo(STAMP.tsMs());
        assertThat(read.stamp().slot()).isEqualTo(Slot.of(deletion.key().key()));

        assertThatThrownBy(() -> new ChangeCodec().tombstone(record.key(), new ConnectHeaders(), 1L))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("position");
    }

    private static Struct value(State state, String maxRecordBytes) {
        return (Struct) record(state, "value.format", "typed", "max.record.bytes", maxRecordBytes)
                .value();
    }

    private static SourceRecord record(State state, String... options) {
        Map<String, String> config = new HashMap<>(Map.of("topic.prefix", "t", "redis.address", "a:1"));
        for (int i = 0; i < options.length; i += 2) {
            config.put(options[i], options[i + 1]);
        }
        RecordFactory factory = new RecordFactory(new SourceConfig(config).codec(), "t", Map.of(), true, false);
        Change change = Change.set(new ChangeKey(0, new byte[] {'k'}), STAMP, state);
        return factory.records(List.of(change), Map.of(), Map.of(), null).get(0);
    }
}
