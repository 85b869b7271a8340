package io.rediscdc.converter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.Fixture;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.format.rdb.value.EventLog;
import io.rediscdc.format.rdb.value.RdbEncoder;
import io.rediscdc.format.rdb.value.StreamModel;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Values by their elements, in place of dumps: the same value comes back, through any converter. */
class TypedValuesTest {

    static final List<String> FIXTURES = Fixture.NAMES_AND_VERSIONS;

    private static final int LARGEST = 1_000_000;

    private final ChangeCodec codec = ChangeCodec.typed(LARGEST);
    private final ChangeCodec reader = new ChangeCodec();

    @ParameterizedTest
    @FieldSource("FIXTURES")
    void comeBackFromEveryConverter(String nameAndVersion) throws Exception {
        Fixture fixture = new Fixture(nameAndVersion.substring(0, nameAndVersion.indexOf(',')));
        List<RdbItem> items = Fixture.read(fixture.bytes());
        Flavour flavour = ((RdbItem.Header) items.get(0)).flavour();
        TreeSet<String> types = new TreeSet<>();
        List<String> dumps = new ArrayList<>();
        try (JsonConverter json = new JsonConverter()) {
            json.configure(Map.of("schemas.enable", "true"), false);
            for (RdbItem.Key key : Fixture.keys(items)) {
                Change change = set(key.type().typeName(), key.dump(), flavour);
                Struct struct = codec.value(change);
                struct.validate();
                String name = key.type().typeName() + " " + new String(key.key(), ISO_8859_1);
                if (struct.get("dump") != null) {
                    assertThat(struct.getBytes("dump")).isSameAs(key.dump());
                    assertThat(valuesIn(struct)).isEmpty();
                    dumps.add(name);
                    continue;
                }
                assertThat(valuesIn(struct)).containsExactly(key.type().typeName());
                List<String> decoded = decoded(key.dump(), flavour);
                assertThat(visited(change, struct)).as(name).isEqualTo(decoded);
                assertThat(visited(change, through(new ChangeConverter(), struct)))
                        .as(name)
                        .isEqualTo(decoded);
                assertThat(visited(change, through(json, struct))).as(name).isEqualTo(decoded);
                types.add(key.type().typeName());
            }
        }
        assertThat(types).contains("string", "list", "set", "zset", "hash");
        assertThat(types.contains("stream"))
                .isEqualTo(!List.of("2.8", "3.2", "4.0").contains(fixture.name()));
        assertThat(dumps)
                .as("scores that are infinite, modules")
                .contains("zset z:small")
                .allMatch(name -> name.equals("zset z:small") || name.startsWith("module "));
    }

    @Test
    void streamsOfAllKindsComeBackButForWhatIdmpRemembers() {
        RdbType[] types = {
            RdbType.STREAM_LISTPACKS, RdbType.STREAM_LISTPACKS_2, RdbType.STREAM_LISTPACKS_3, RdbType.STREAM_LISTPACKS_4
        };
        Random random = new Random(71);
        for (int i = 0; i < 400; i++) {
            RdbType type = types[i % types.length];
            RdbEncoder encoded = new RdbEncoder(random);
            new StreamModel(random).encode(1 + i % types.length, encoded, random);
            byte[] dump = DumpPayload.of(type, encoded.bytes(), type.minimumVersion());
            Change change = set("stream", dump, Flavour.REDIS);
            Struct struct = codec.value(change);
            assertThat(struct.get("dump") != null).isEqualTo(type == RdbType.STREAM_LISTPACKS_4);
            if (struct.get("dump") == null) {
                assertThat(visited(change, through(new ChangeConverter(), struct)))
                        .isEqualTo(decoded(dump, Flavour.REDIS));
            }
        }
    }

    /** A hole, a number that is none, a stream without its order: named, whatever the struct says. */
    @Test
    void aStructThatIsNoValueIsRefused() {
        RandomStructs structs = new RandomStructs(17);
        Random random = new Random(18);
        String[] types = {"string", "list", "set", "zset", "hash", "stream"};
        int refused = 0;
        int read = 0;
        for (int i = 0; i < 3_000; i++) {
            Struct struct = structs.next(ChangeSchema.VALUE)
                    .put("op", "set")
                    .put("type", types[random.nextInt(types.length)])
                    .put("flavour", "redis")
                    .put("rdb_version", 10)
                    .put("chunk", null)
                    .put("dump", null);
            try {
                reader.change(codec.key(new ChangeKey(0, new byte[1])), struct)
                        .state()
                        .value()
                        .visit(new EventLog());
                read++;
            } catch (RedisCdcException e) {
                assertThat(e.category()).isEqualTo(RedisCdcException.Category.PROTOCOL);
                assertThat(e).hasMessageContaining("field '");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(500);
        assertThat(read).isGreaterThan(500);
    }

    @Test
    void whatIsLargerAsJsonStaysADump() throws Exception {
        int largest = 0;
        Fixture fixture = new Fixture("7.0");
        for (RdbItem.Key key : Fixture.keys(Fixture.read(fixture.bytes()))) {
            Change change = set(key.type().typeName(), key.dump(), Flavour.REDIS);
            for (int bound : new int[] {100, 1_000, 10_000}) {
                Struct struct = ChangeCodec.typed(bound).value(change);
                if (struct.get("dump") == null) {
                    int length = jsonLength(struct, key.type().typeName());
                    assertThat(length).as("%s", key.type()).isLessThanOrEqualTo(bound);
                    largest = Math.max(largest, length);
                }
            }
        }
        assertThat(largest).isGreaterThan(5_000);
    }

    @Test
    void whatNoConverterOrFieldKeepsStaysADump() {
        assertThat(typed(RdbType.ZSET_2, "01" + "0161" + "000000000000f03f")).isTrue();
        assertThat(typed(RdbType.ZSET_2, "01" + "0161" + "000000000000f07f")).isFalse();
        assertThat(typed(RdbType.ZSET_2, "01" + "0161" + "000000000000f0ff")).isFalse();
        assertThat(typed(RdbType.ZSET_2, "01" + "0161" + "000000000000f87f")).isFalse();
        assertThat(typed(RdbType.ZSET_2, "01" + "0161" + "0000000000000080")).isFalse();
    }

    @Test
    void damageIsNotTakenForAValue() {
        assertThat(typed(RdbType.LIST, "02" + "0161")).isFalse();
        assertThat(typed(RdbType.LIST, "01" + "0161" + "00")).isFalse();
        assertThat(typed(RdbType.LIST, "01" + "0161")).isTrue();
    }

    @Test
    void aSchemaWithoutTheFieldsOfAnElementIsNamed() {
        Schema pair = SchemaBuilder.struct()
                .field("field", Schema.BYTES_SCHEMA)
                .field("worth", Schema.BYTES_SCHEMA)
                .build();
        SchemaBuilder other = SchemaBuilder.struct();
        ChangeSchema.VALUE
                .fields()
                .forEach(field -> other.field(
                        field.name(),
                        field.name().equals("hash")
                                ? SchemaBuilder.array(pair).optional().build()
                                : field.schema()));
        Change change = set("hash", new byte[12], Flavour.REDIS);
        Struct ours = reader.value(change);
        Struct theirs = new Struct(other.build());
        theirs.schema().fields().forEach(field -> theirs.put(field, ours.get(field.name())));
        theirs.put("dump", null);
        theirs.put("hash", List.of(new Struct(pair).put("field", new byte[1]).put("worth", new byte[1])));
        assertThatExceptionOfType(RedisCdcException.class)
                .isThrownBy(() -> visited(change, theirs))
                .withMessageContaining("field 'value' is missing");
    }

    private boolean typed(RdbType type, String value) {
        byte[] dump = DumpPayload.of(type, HexFormat.of().parseHex(value), 10);
        return codec.value(set(type.typeName(), dump, Flavour.REDIS)).get("dump") == null;
    }

    private static Change set(String type, byte[] dump, Flavour flavour) {
        return Change.set(
                new ChangeKey(0, new byte[] {'k'}),
                new Stamp(new Origin("0", null, null), new Position(1, 2, 3), Position.NONE, 1, 4),
                new State(type, dump, flavour, 10, null, null, null));
    }

    private static List<String> valuesIn(Struct struct) {
        return Stream.of("string", "list", "set", "zset", "hash", "stream")
                .filter(field -> struct.get(field) != null)
                .toList();
    }

    private List<String> visited(Change change, Struct struct) {
        Change read = reader.change(codec.key(change.key()), struct);
        assertThat(read.op()).isEqualTo(Op.SET);
        assertThat(read.state().dump()).isNull();
        EventLog first = new EventLog();
        read.state().value().visit(first);
        EventLog again = new EventLog();
        read.state().value().visit(again);
        assertThat(again.lines()).isEqualTo(first.lines());
        return first.lines();
    }

    /** Without what Redis 8.6 says of streams that nobody has used XADD IDMP for. */
    private static List<String> decoded(byte[] dump, Flavour flavour) {
        EventLog log = new EventLog();
        DumpDecoder.decode(dump, flavour, DecodeLimits.DEFAULT, log);
        return log.lines().stream()
                .filter(line -> !line.equals("idempotence 100 100") && !line.equals("recorded 0 0"))
                .toList();
    }

    private static Struct through(Converter converter, Struct struct) {
        byte[] bytes = converter.fromConnectData("t", struct.schema(), struct);
        return (Struct) converter.toConnectData("t", bytes).value();
    }

    /** Of one field. */
    private static int jsonLength(Struct struct, String field) {
        try (JsonConverter json = new JsonConverter()) {
            json.configure(Map.of("schemas.enable", "false"), false);
            Schema schema = struct.schema().field(field).schema();
            return json.fromConnectData("t", schema, struct.get(field)).length;
        }
    }
}
