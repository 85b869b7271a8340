package io.rediscdc.record;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;

/** Schemas of single fields. */
final class FieldSchemas {

    private FieldSchemas() {}

    static Schema required(Schema.Type type, String doc) {
        return SchemaBuilder.type(type).doc(doc).build();
    }

    static Schema optional(Schema.Type type, String doc) {
        return SchemaBuilder.type(type).optional().doc(doc).build();
    }

    static Schema array(Schema element, String doc) {
        return SchemaBuilder.array(element).optional().doc(doc).build();
    }

    static Schema bytesArray(String doc) {
        return array(Schema.BYTES_SCHEMA, doc);
    }
}
