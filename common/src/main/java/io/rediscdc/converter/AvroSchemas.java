package io.rediscdc.converter;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.kafka.connect.data.Field;

/**
 * The Avro schema of a Connect schema. Optional is a union of null and the type, with default null. Integers of 32 bits
 * are int, of 64 long; structs are records under their own names.
 */
final class AvroSchemas {

    private AvroSchemas() {}

    /** Of a struct, or of a schema inside one. Struct names must differ from each other. */
    static Schema of(org.apache.kafka.connect.data.Schema schema) {
        Schema type =
                switch (schema.type()) {
                    case INT32 -> Schema.create(Schema.Type.INT);
                    case INT64 -> Schema.create(Schema.Type.LONG);
                    case FLOAT64 -> Schema.create(Schema.Type.DOUBLE);
                    case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
                    case STRING -> Schema.create(Schema.Type.STRING);
                    case BYTES -> Schema.create(Schema.Type.BYTES);
                    case ARRAY -> Schema.createArray(of(schema.valueSchema()));
                    case STRUCT -> record(schema);
                    case INT8, INT16, FLOAT32, MAP ->
                        throw new IllegalArgumentException("no field of a change is " + schema.type());
                };
        return schema.isOptional() ? Schema.createUnion(Schema.create(Schema.Type.NULL), type) : type;
    }

    private static Schema record(org.apache.kafka.connect.data.Schema struct) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Field field : struct.fields()) {
            Object defaultValue = field.schema().isOptional() ? Schema.Field.NULL_DEFAULT_VALUE : null;
            fields.add(new Schema.Field(
                    field.name(), of(field.schema()), field.schema().doc(), defaultValue));
        }
        return Schema.createRecord(struct.name(), struct.doc(), null, false, fields);
    }
}
