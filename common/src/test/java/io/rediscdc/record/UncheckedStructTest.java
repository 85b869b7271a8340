package io.rediscdc.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;

class UncheckedStructTest {

    private static final Schema INNER =
            SchemaBuilder.struct().field("n", Schema.INT32_SCHEMA).build();
    private static final Schema SCHEMA = SchemaBuilder.struct()
            .field("byte", Schema.INT8_SCHEMA)
            .field("short", Schema.INT16_SCHEMA)
            .field("int", Schema.INT32_SCHEMA)
            .field("long", Schema.INT64_SCHEMA)
            .field("float", Schema.FLOAT32_SCHEMA)
            .field("double", Schema.FLOAT64_SCHEMA)
            .field("boolean", Schema.BOOLEAN_SCHEMA)
            .field("string", Schema.OPTIONAL_STRING_SCHEMA)
            .field("bytes", Schema.BYTES_SCHEMA)
            .field("array", SchemaBuilder.array(Schema.STRING_SCHEMA).build())
            .field(
                    "map",
                    SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.INT32_SCHEMA).build())
            .field("struct", INNER)
            .build();

    private final Struct plain = new Struct(SCHEMA);
    private final UncheckedStruct struct = new UncheckedStruct(SCHEMA);

    private void fill() {
        Object[] values = {
            (byte) 1, (short) 2, 3, 4L, 5f, 6d, true, null, new byte[] {7}, List.of("8"), Map.of("9", 9), inner()
        };
        for (Field field : SCHEMA.fields()) {
            plain.put(field, values[field.index()]);
            struct.set(field, values[field.index()]);
        }
    }

    private static Struct inner() {
        return new Struct(INNER).put("n", 10);
    }

    @Test
    void saysWhatKafkasStructSays() {
        fill();
        assertThat(struct.schema()).isSameAs(SCHEMA);
        for (Field field : SCHEMA.fields()) {
            assertThat(struct.get(field)).isEqualTo(plain.get(field));
            assertThat(struct.get(field.name())).isEqualTo(plain.get(field.name()));
            assertThat(struct.getWithoutDefault(field.name())).isEqualTo(plain.getWithoutDefault(field.name()));
        }
        assertThat(struct.getInt8("byte")).isEqualTo(plain.getInt8("byte"));
        assertThat(struct.getInt16("short")).isEqualTo(plain.getInt16("short"));
        assertThat(struct.getInt32("int")).isEqualTo(plain.getInt32("int"));
        assertThat(struct.getInt64("long")).isEqualTo(plain.getInt64("long"));
        assertThat(struct.getFloat32("float")).isEqualTo(plain.getFloat32("float"));
        assertThat(struct.getFloat64("double")).isEqualTo(plain.getFloat64("double"));
        assertThat(struct.getBoolean("boolean")).isEqualTo(plain.getBoolean("boolean"));
        assertThat(struct.getString("string")).isNull();
        assertThat(struct.getBytes("bytes")).isEqualTo(plain.getBytes("bytes"));
        assertThat(struct.<String>getArray("array")).isEqualTo(plain.<String>getArray("array"));
        assertThat(struct.<String, Integer>getMap("map")).isEqualTo(plain.<String, Integer>getMap("map"));
        assertThat(struct.getStruct("struct")).isEqualTo(plain.getStruct("struct"));
        assertThat(struct).hasToString(plain.toString());
    }

    @Test
    void equalsWhatHasTheSameValues() {
        fill();
        UncheckedStruct same = new UncheckedStruct(SCHEMA);
        SCHEMA.fields().forEach(field -> same.put(field.name(), plain.get(field)));
        assertThat(struct).isEqualTo(same).hasSameHashCodeAs(same).isEqualTo(plain);
        same.put("int", 4);
        assertThat(struct).isNotEqualTo(same).isNotEqualTo(inner());
    }

    @Test
    void whoDoesNotKnowIsChecked() {
        assertThatExceptionOfType(DataException.class).isThrownBy(() -> struct.put("int", "3"));
        assertThatExceptionOfType(DataException.class).isThrownBy(() -> struct.put(SCHEMA.field("array"), List.of(1)));
        assertThatExceptionOfType(DataException.class).isThrownBy(() -> struct.get("unknown"));
        assertThatExceptionOfType(DataException.class).isThrownBy(() -> struct.getInt64("int"));
        assertThatExceptionOfType(DataException.class).isThrownBy(struct::validate);
        fill();
        struct.validate();
    }
}
