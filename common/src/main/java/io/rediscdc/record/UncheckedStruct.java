package io.rediscdc.record;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/**
 * A struct whose fields can also be set by who knows that their values are right. {@code put} looks at the class of each value
 * and at all elements of each list, which was a tenth of the CPU of a worker's tasks. All else is as in Kafka's
 * {@code Struct} (connect-api, data/Struct.java), but for schemas with default values, for which this is not made.
 *
 * <p>It equals any struct of the same schema and values; Kafka's own structs only equal each other. Not thread-safe.
 */
public class UncheckedStruct extends Struct {

    /** The superclass has fields of its own: none. */
    private static final Schema NO_FIELDS = SchemaBuilder.struct().build();

    private final Schema schema;

    /** Null until somebody asks for one. */
    private Object[] values;

    /** @param schema of a struct, without default values */
    public UncheckedStruct(Schema schema) {
        super(NO_FIELDS);
        this.schema = schema;
    }

    private Object[] values() {
        if (values == null) {
            values = new Object[schema.fields().size()];
            fill();
        }
        return values;
    }

    /** Sets the fields of one that is made from something else, before the first of them is looked at or set. */
    void fill() {}

    /**
     * Sets a field.
     *
     * @param field of this schema
     * @param value of a class that Connect has for the field's type, not checked
     * @return this
     */
    public UncheckedStruct set(Field field, Object value) {
        values()[field.index()] = value;
        return this;
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public Object get(Field field) {
        return values()[field.index()];
    }

    @Override
    public Object get(String fieldName) {
        return values()[field(fieldName).index()];
    }

    @Override
    public Object getWithoutDefault(String fieldName) {
        return get(fieldName);
    }

    @Override
    public Byte getInt8(String fieldName) {
        return (Byte) get(fieldName, Schema.Type.INT8);
    }

    @Override
    public Short getInt16(String fieldName) {
        return (Short) get(fieldName, Schema.Type.INT16);
    }

    @Override
    public Integer getInt32(String fieldName) {
        return (Integer) get(fieldName, Schema.Type.INT32);
    }

    @Override
    public Long getInt64(String fieldName) {
        return (Long) get(fieldName, Schema.Type.INT64);
    }

    @Override
    public Float getFloat32(String fieldName) {
        return (Float) get(fieldName, Schema.Type.FLOAT32);
    }

    @Override
    public Double getFloat64(String fieldName) {
        return (Double) get(fieldName, Schema.Type.FLOAT64);
    }

    @Override
    public Boolean getBoolean(String fieldName) {
        return (Boolean) get(fieldName, Schema.Type.BOOLEAN);
    }

    @Override
    public String getString(String fieldName) {
        return (String) get(fieldName, Schema.Type.STRING);
    }

    @Override
    public byte[] getBytes(String fieldName) {
        return FieldMap.toBytes(get(fieldName, Schema.Type.BYTES));
    }

    // As in the superclass, the caller says what the elements are.
    @SuppressWarnings("unchecked")
    @Override
    public <T> List<T> getArray(String fieldName) {
        return (List<T>) get(fieldName, Schema.Type.ARRAY);
    }

    // As in the superclass, the caller says what the elements are.
    @SuppressWarnings("unchecked")
    @Override
    public <K, V> Map<K, V> getMap(String fieldName) {
        return (Map<K, V>) get(fieldName, Schema.Type.MAP);
    }

    @Override
    public Struct getStruct(String fieldName) {
        return (Struct) get(fieldName, Schema.Type.STRUCT);
    }

    @Override
    public Struct put(String fieldName, Object value) {
        return put(field(fieldName), value);
    }

    @Override
    public Struct put(Field field, Object value) {
        ConnectSchema.validateValue(field.name(), field.schema(), value);
        return set(field, value);
    }

    @Override
    public void validate() {
        for (Field field : schema.fields()) {
            ConnectSchema.validateValue(field.name(), field.schema(), values()[field.index()]);
        }
    }

    private Field field(String name) {
        Field field = schema.field(name);
        if (field == null) {
            throw new DataException(name + " is not a valid field name");
        }
        return field;
    }

    private Object get(String fieldName, Schema.Type type) {
        Field field = field(fieldName);
        if (field.schema().type() != type) {
            throw new DataException("Field '" + fieldName + "' is not of type " + type);
        }
        return values()[field.index()];
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Struct that) || !schema.equals(that.schema())) {
            return false;
        }
        for (Field field : schema.fields()) {
            if (!Objects.deepEquals(values()[field.index()], that.get(field))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return 31 * schema.hashCode() + Arrays.deepHashCode(values());
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Struct{");
        String separator = "";
        for (Field field : schema.fields()) {
            Object value = values()[field.index()];
            if (value != null) {
                text.append(separator).append(field.name()).append('=').append(value);
                separator = ",";
            }
        }
        return text.append('}').toString();
    }
}
