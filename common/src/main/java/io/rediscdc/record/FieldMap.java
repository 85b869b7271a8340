package io.rediscdc.record;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * Finds the fields of one of our schemas in a struct that any converter made: by position in our own schema, by name in
 * another. A schema's version is not looked at, because a registry's converters put their own number there.
 *
 * <p>A field that is missing and nullable reads as null: an older version wrote the record, or the converter left it out.
 */
final class FieldMap {

    /** Where fields are found, per position in our schema; null for one that the other schema has not. */
    private final Field[] fields;

    private FieldMap(Field[] fields) {
        this.fields = fields;
    }

    /** One schema's maps, by the instance they are for. Thread-confined. */
    static final class Cache {

        /** Schema instances live as long as a converter's cache keeps them; beyond these few, forget them all. */
        private static final int MAX = 32;

        private final Schema ours;
        private final FieldMap own;
        private final IdentityHashMap<Schema, FieldMap> others = new IdentityHashMap<>();

        Cache(Schema ours) {
            this.ours = ours;
            this.own = new FieldMap(ours.fields().toArray(new Field[0]));
        }

        FieldMap of(Schema schema) {
            if (schema == ours) {
                return own;
            }
            FieldMap known = others.get(schema);
            if (known == null) {
                known = resolve(ours, schema);
                if (others.size() == MAX) {
                    others.clear();
                }
                others.put(schema, known);
            }
            return known;
        }
    }

    private static FieldMap resolve(Schema ours, Schema other) {
        List<Field> wanted = ours.fields();
        Field[] found = new Field[wanted.size()];
        for (Field field : wanted) {
            Field there = other.field(field.name());
            if (there == null && !field.schema().isOptional()) {
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "field '" + field.name() + "' is missing: the record is a struct '" + other.name() + "', not a "
                                + ours.name() + "; point the sink at a topic the source connector wrote, and remove"
                                + " transforms that change its records");
            }
            if (there != null && !isSameType(there.schema(), field.schema())) {
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "field '" + field.name() + "' is " + typeText(there.schema()) + " and not "
                                + typeText(field.schema()) + ": the record is not a " + ours.name()
                                + " of this version; check the converter and the transforms");
            }
            found[field.index()] = there;
        }
        return new FieldMap(found);
    }

    /** Looks at arrays' elements too, but no deeper: structs are looked at when they are read. */
    private static boolean isSameType(Schema one, Schema other) {
        return one.type() == other.type()
                && (one.type() != Schema.Type.ARRAY
                        || one.valueSchema().type() == other.valueSchema().type());
    }

    private static String typeText(Schema schema) {
        return schema.type() == Schema.Type.ARRAY
                ? "ARRAY of " + schema.valueSchema().type()
                : schema.type().toString();
    }

    private Object value(Struct struct, Field field) {
        Field there = fields[field.index()];
        return there == null ? null : struct.get(there);
    }

    String string(Struct struct, Field field) {
        return (String) value(struct, field);
    }

    Integer int32(Struct struct, Field field) {
        return (Integer) value(struct, field);
    }

    Long int64(Struct struct, Field field) {
        return (Long) value(struct, field);
    }

    Boolean bool(Struct struct, Field field) {
        return (Boolean) value(struct, field);
    }

    Double float64(Struct struct, Field field) {
        return (Double) value(struct, field);
    }

    Struct struct(Struct struct, Field field) {
        return (Struct) value(struct, field);
    }

    byte[] bytes(Struct struct, Field field) {
        return toBytes(value(struct, field));
    }

    List<?> list(Struct struct, Field field) {
        return (List<?>) value(struct, field);
    }

    List<?> requiredList(Struct struct, Field field) {
        return required(list(struct, field), field);
    }

    byte[] requiredBytes(Struct struct, Field field) {
        return required(bytes(struct, field), field);
    }

    boolean isSet(Struct struct, Field field) {
        return value(struct, field) != null;
    }

    /** A required field's value; it can be null all the same, as structs are not validated by every converter. */
    long requiredInt64(Struct struct, Field field) {
        return required(int64(struct, field), field);
    }

    /**
     * The value itself.
     *
     * @throws RedisCdcException (PROTOCOL) naming the field, if the value is null
     */
    static <T> T required(T value, Field field) {
        if (value == null) {
            throw new RedisCdcException(
                    Category.PROTOCOL,
                    "field '" + field.name() + "' is null, which no record of the source connector has there");
        }
        return value;
    }

    /** Bytes as converters give them: an array, or the rest of a buffer. */
    static byte[] toBytes(Object value) {
        if (value == null || value instanceof byte[]) {
            return (byte[]) value;
        }
        ByteBuffer buffer = ((ByteBuffer) value).duplicate();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
