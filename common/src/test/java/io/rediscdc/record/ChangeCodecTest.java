package io.rediscdc.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChangeCodecTest {

    private final ChangeCodec codec = new ChangeCodec();
    private final RandomChanges changes = new RandomChanges(42);

    @ParameterizedTest
    @EnumSource(Op.class)
    void readsWhatItWrote(Op op) {
        for (int i = 0; i < 200; i++) {
            Change change = changes.next(op);
            Struct value = codec.value(change);
            value.validate();
            assertSame(codec.change(codec.key(change.key()), value), change);
        }
    }

    @ParameterizedTest
    @EnumSource(Op.class)
    void readsWhatJsonConverterMadeOfIt(Op op) {
        try (JsonConverter keys = json(true);
                JsonConverter values = json(false)) {
            for (int i = 0; i < 50; i++) {
                Change change = changes.next(op);
                Object key = throughJson(keys, codec.key(change.key()));
                Object value = throughJson(values, codec.value(change));
                assertThat(((Struct) value).schema())
                        .isEqualTo(ChangeSchema.VALUE)
                        .isNotSameAs(ChangeSchema.VALUE);
                assertSame(codec.change(key, value), change);
            }
        }
    }

    @Test
    void readsAnotherOrderWithBuffersAndWithoutOptionalFields() {
        Change change = changes.next(Op.COMMAND);
        Struct ours = codec.value(change);
        SchemaBuilder builder = SchemaBuilder.struct();
        List<Field> fields = ChangeSchema.VALUE.fields();
        for (int i = fields.size() - 1; i >= 0; i--) {
            if (!fields.get(i).schema().isOptional() || ours.get(fields.get(i)) != null) {
                builder.field(fields.get(i).name(), fields.get(i).schema());
            }
        }
        Struct other = new Struct(builder.build());
        for (Field field : other.schema().fields()) {
            other.put(field, ours.get(field.name()));
        }
        other.put(
                "args",
                ours.getArray("args").stream()
                        .map(arg -> ByteBuffer.wrap((byte[]) arg))
                        .toList());
        assertSame(codec.change(codec.key(change.key()), other), change);
    }

    @Test
    void piecesOfCommandsHaveNoArgs() {
        Change whole = changes.next(Op.COMMAND);
        Piece piece = new Piece(3, true, Piece.RESP, 77, new byte[] {1, 2});
        Command.Transaction tx = new Command.Transaction(5, 1, false);
        Change change = Change.executable(whole.key(), Op.COMMAND, whole.stamp(), new Command(piece, tx));
        Struct value = codec.value(change);
        assertThat(value.get("args")).isNull();
        assertThat(value.get("keys")).isNull();
        assertSame(codec.change(codec.key(change.key()), value), change);
        assertRefused(
                Category.UNSUPPORTED,
                "'chunk_layout' is 1",
                () -> codec.change(codec.key(change.key()), value.put("chunk_layout", Piece.COMMANDS)));
    }

    @Test
    void sharesTheOriginOfConsecutiveRecords() {
        Struct key = codec.key(changes.next(Op.DEL).key());
        Struct value = codec.value(changes.next(Op.DEL));
        assertThat(codec.change(key, value).stamp().origin())
                .isSameAs(codec.change(key, value).stamp().origin());
    }

    @Test
    void refusesWhatIsNoStructOfOurs() {
        Struct key = codec.key(changes.next(Op.DEL).key());
        Struct value = codec.value(changes.next(Op.DEL));
        assertRefused(Category.UNSUPPORTED, "value is null", () -> codec.change(key, null));
        assertRefused(Category.UNSUPPORTED, "key is a java.lang.String", () -> codec.change("k", value));
        assertRefused(Category.UNSUPPORTED, "schemas.enable=true", () -> codec.change(key, Map.of("op", "set")));
        assertRefused(Category.UNSUPPORTED, "field 'op' is missing", () -> codec.change(key, key));
        assertRefused(Category.UNSUPPORTED, "field 'db' is missing", () -> codec.change(value, value));
    }

    @Test
    void refusesFieldsOfAnotherType() {
        Struct value = codec.value(changes.next(Op.COMMAND));
        SchemaBuilder keys = SchemaBuilder.struct();
        ChangeSchema.VALUE
                .fields()
                .forEach(field -> keys.field(
                        field.name(),
                        field.name().equals("keys")
                                ? SchemaBuilder.array(Schema.INT64_SCHEMA)
                                        .optional()
                                        .build()
                                : field.schema()));
        Struct key = codec.key(changes.next(Op.DEL).key());
        assertRefused(
                Category.UNSUPPORTED,
                "field 'keys' is ARRAY of INT64 and not ARRAY of INT32",
                () -> codec.change(key, new Struct(keys.build())));
        assertThat(codec.change(key, value)).isNotNull();
    }

    @Test
    void refusesWhatThisVersionCannotApply() {
        Struct key = codec.key(changes.next(Op.SET).key());
        assertRefused(
                Category.UNSUPPORTED,
                "'op': unknown op 'merge'",
                () -> codec.change(key, codec.value(changes.next(Op.DEL)).put("op", "merge")));
        assertRefused(
                Category.UNSUPPORTED,
                "'chunk_layout' is 7",
                () -> codec.change(
                        key, codec.value(changes.next(Op.SET)).put("chunk", 0).put("chunk_layout", 7)));
        assertRefused(
                Category.UNSUPPORTED,
                "'flavour': unknown flavour 'keydb'",
                () -> codec.change(key, codec.value(changes.next(Op.SET)).put("flavour", "keydb")));
    }

    @Test
    void refusesWhatNoVersionWrites() {
        Struct key = codec.key(changes.next(Op.SET).key());
        assertRefused(
                Category.PROTOCOL,
                "'dump' is null",
                () -> codec.change(
                        key,
                        codec.value(changes.next(Op.SET)).put("chunk", null).put("dump", null)));
        assertRefused(
                Category.PROTOCOL,
                "'epoch' is null",
                () -> codec.change(
                        key, new Struct(ChangeSchema.VALUE).put("op", "del").put("shard", "s")));
        assertRefused(
                Category.PROTOCOL,
                "'args' is empty",
                () -> codec.change(key, codec.value(changes.next(Op.COMMAND)).put("args", List.of())));
        assertRefused(
                Category.PROTOCOL,
                "'keys' points at argument 9",
                () -> codec.change(key, codec.value(changes.next(Op.COMMAND)).put("keys", List.of(9))));
    }

    @Test
    void documentsEveryField() {
        for (Schema schema : List.of(ChangeSchema.KEY, ChangeSchema.VALUE)) {
            assertThat(schema.fields())
                    .allSatisfy(field -> assertThat(field.schema().doc()).isNotBlank());
        }
    }

    private static void assertSame(Change read, Change written) {
        assertThat(read).usingRecursiveComparison().isEqualTo(written);
    }

    private static void assertRefused(Category category, String message, ThrowingCallable read) {
        assertThatExceptionOfType(RedisCdcException.class)
                .isThrownBy(read)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.category()).isEqualTo(category));
    }

    private static JsonConverter json(boolean isKey) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "true"), isKey);
        return converter;
    }

    private static Object throughJson(JsonConverter converter, Struct struct) {
        byte[] json = converter.fromConnectData("topic", struct.schema(), struct);
        SchemaAndValue read = converter.toConnectData("topic", json);
        return read.value();
    }
}
