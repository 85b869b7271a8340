package io.rediscdc.converter;

import static io.rediscdc.converter.RandomStructs.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rediscdc.Version;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeSchema;
import io.rediscdc.record.RandomChanges;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChangeConverterTest {

    private static final Change GOLDEN = Change.set(
            new ChangeKey(3, "user:1".getBytes(StandardCharsets.UTF_8)),
            new Stamp(
                    new Origin("redis-1", "10.0.0.17:6379", "8b2f3e0d5c6a7b8c9d0e1f2a3b4c5d6e7f8091a2"),
                    new Position(1_767_225_600_000L, 123_456_789L, 42),
                    new Position(1_767_225_600_000L, 123_456_789L, 41),
                    10_778,
                    1_767_225_600_123L),
            new State(
                    "string",
                    HexFormat.of().parseHex("000568656c6c6f0a0001020304050607ff"),
                    Flavour.REDIS,
                    10,
                    1_767_229_200_000L,
                    null,
                    5));

    private final ChangeConverter converter = new ChangeConverter();
    private final ChangeCodec codec = new ChangeCodec();

    @ParameterizedTest
    @EnumSource(Op.class)
    void readsWhatItWrote(Op op) {
        RandomChanges changes = new RandomChanges(11);
        for (int i = 0; i < 500; i++) {
            Change change = changes.next(op);
            Object key = throughConverter(codec.key(change.key()));
            Object value = throughConverter(codec.value(change));
            assertThat(codec.change(key, value)).usingRecursiveComparison().isEqualTo(change);
        }
    }

    @Test
    void readsEveryFieldItWrote() {
        RandomStructs structs = new RandomStructs(5);
        for (int i = 0; i < 500; i++) {
            Struct key = structs.next(ChangeSchema.KEY);
            Struct value = structs.next(ChangeSchema.VALUE);
            assertThat(plain(throughConverter(key))).isEqualTo(plain(key));
            assertThat(plain(throughConverter(value))).isEqualTo(plain(value));
        }
    }

    @Test
    void writesBuffersAsBytesAndLeavesTheirPosition() {
        Struct value = codec.value(GOLDEN);
        byte[] expected = write(value);
        ByteBuffer buffer = ByteBuffer.wrap(value.getBytes("dump"));
        assertThat(write(value.put("dump", buffer))).isEqualTo(expected);
        assertThat(buffer.position()).isZero();
    }

    @Test
    void keepsItsWireFormat() {
        assertThat(HexFormat.of().formatHex(write(codec.key(GOLDEN.key()))))
                .isEqualTo("c301631834f82a200546060c757365723a3100");
        assertThat(HexFormat.of().formatHex(write(codec.value(GOLDEN))))
                .isEqualTo("c3014f527179b5f684c206736574020c737472696e670222000568656c6c6f0a0001020304050607"
                        + "ff020a7265646973021400000000000000020a0280da8cf1ee660000000000000000000e72656469"
                        + "732d31021c31302e302e302e31373a36333739025038623266336530643563366137623863396430"
                        + "65316632613362346335643665376638303931613280a0d5edee66aab4de755480a0d5edee66aab4"
                        + "de75520002b4a8010000f6a1d5edee660000000000000000");
    }

    @Test
    void passesTombstones() {
        assertThat(converter.fromConnectData("t", ChangeSchema.VALUE, null)).isNull();
        assertThat(converter.fromConnectData("t", null, null)).isNull();
        assertThat(converter.toConnectData("t", null)).isEqualTo(SchemaAndValue.NULL);
    }

    @Test
    void givesTheSameStringsAndSchemasAgain() {
        byte[] bytes = write(codec.value(GOLDEN));
        Struct one = (Struct) converter.toConnectData("t", bytes).value();
        Struct other = (Struct) converter.toConnectData("t", bytes.clone()).value();
        for (String name : List.of("op", "type", "flavour", "shard", "node", "replid")) {
            assertThat(other.getString(name)).isSameAs(one.getString(name));
        }
        assertThat(converter.toConnectData("t", bytes).schema()).isSameAs(ChangeSchema.VALUE);
    }

    @Test
    void writesStructsOfAnEqualSchema() {
        Struct ours = codec.value(GOLDEN);
        Struct other = new Struct(copyOf(ChangeSchema.VALUE));
        for (Field field : ChangeSchema.VALUE.fields()) {
            other.put(field.name(), ours.get(field));
        }
        assertThat(write(other)).isEqualTo(write(ours));
    }

    @Test
    void refusesOtherData() {
        Schema schema = SchemaBuilder.struct()
                .name("Customer")
                .field("id", Schema.INT32_SCHEMA)
                .build();
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> write(new Struct(schema).put("id", 1)))
                .withMessageContaining("'Customer'")
                .withMessageContaining("'topic-1'")
                .withMessageContaining("JsonConverter");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> converter.fromConnectData("topic-1", Schema.STRING_SCHEMA, "text"))
                .withMessageContaining("STRING data");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> converter.fromConnectData("topic-1", null, "text"))
                .withMessageContaining("without a schema");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> write(new Struct(ChangeSchema.VALUE)))
                .withMessage("field 'op' of io.rediscdc.Change is null");
    }

    @Test
    void refusesRecordsOfAnotherConverter() {
        for (String other : List.of("", "C301", "{\"op\":\"set\"}", "\0\0\0\0\1abcdefgh")) {
            assertRefused(other.getBytes(StandardCharsets.UTF_8), "does not begin with C3 01");
        }
    }

    @Test
    void namesTheFingerprintOfANewerVersion() {
        byte[] bytes = HexFormat.of().parseHex("c301efcdab89674523010000");
        assertRefused(bytes, "fingerprint 0123456789abcdef, which version " + Version.text());
        assertRefused(bytes, "newer version");
    }

    @Test
    void refusesEveryTruncation() {
        RandomStructs structs = new RandomStructs(21);
        for (int i = 0; i < 10; i++) {
            byte[] bytes = write(structs.next(ChangeSchema.VALUE));
            for (int length = 0; length < bytes.length; length++) {
                assertRefused(Arrays.copyOf(bytes, length), length < 10 ? "C3 01" : "at byte ");
            }
            assertRefused(Arrays.copyOf(bytes, bytes.length + 1), "goes on after its last field");
        }
    }

    @Test
    void readsDamagedBytesAsAValueOrNotAtAll() {
        RandomStructs structs = new RandomStructs(31);
        Random random = new Random(32);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            Schema schema = i % 4 == 0 ? ChangeSchema.KEY : ChangeSchema.VALUE;
            byte[] bytes = write(structs.next(schema));
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bytes[Layout.HEADER_LENGTH + random.nextInt(bytes.length - Layout.HEADER_LENGTH)] ^=
                        (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt(256));
            }
            try {
                ((Struct) converter.toConnectData("t", bytes).value()).validate();
            } catch (DataException e) {
                assertThat(e).hasMessageContaining("at byte ");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(2_000);
    }

    @Test
    void refusesNumbersAndLengthsThatLie() {
        byte[] bytes = write(codec.key(new ChangeKey(0, new byte[] {1, 2, 3})));
        String header = HexFormat.of().formatHex(bytes, 0, 10);
        assertRefused(hex(header, "ffffffffffffffffff01", "0600000000"), "more than 32 bits");
        assertRefused(hex(header, "ffffffffffffffffff02", "0600000000"), "more than 64 bits");
        assertRefused(hex(header, "00", "01", "00"), "a length of -1");
        assertRefused(hex(header, "00", "feffffffffffffffff01", "00"), "a length of 9223372036854775807");
        assertRefused(hex(header, "00", "00", "04"), "neither set nor null");
    }

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(Converter.class))
                .anySatisfy(each -> assertThat(each).isInstanceOf(ChangeConverter.class));
        assertThat(converter.version()).isEqualTo(Version.text()).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    @Test
    void servesThreadsAtOnce() {
        List<byte[]> records = IntStream.range(0, 200)
                .mapToObj(i -> write(codec.value(new RandomChanges(i).next())))
                .toList();
        assertThat(IntStream.range(0, 20_000).parallel().mapToObj(i -> {
                    byte[] bytes = records.get(i % records.size());
                    return Arrays.equals(
                            write((Struct) converter.toConnectData("t", bytes).value()), bytes);
                }))
                .doesNotContain(false);
    }

    private byte[] write(Struct struct) {
        return converter.fromConnectData("topic-1", struct.schema(), struct);
    }

    private Object throughConverter(Struct struct) {
        return converter.toConnectData("topic-1", write(struct)).value();
    }

    private void assertRefused(byte[] bytes, String message) {
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> converter.toConnectData("topic-1", bytes))
                .withMessageContaining(message);
    }

    private static byte[] hex(String... parts) {
        return HexFormat.of().parseHex(String.join("", parts));
    }

    private static Schema copyOf(Schema schema) {
        SchemaBuilder copy = SchemaBuilder.struct()
                .name(schema.name())
                .version(schema.version())
                .doc(schema.doc());
        schema.fields().forEach(field -> copy.field(field.name(), field.schema()));
        return copy.build();
    }
}
