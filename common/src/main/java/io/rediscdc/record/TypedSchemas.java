package io.rediscdc.record;

import static io.rediscdc.record.ChangeSchema.array;
import static io.rediscdc.record.ChangeSchema.optional;
import static io.rediscdc.record.ChangeSchema.required;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;

/** Schemas of the compound values of {@code value.format=typed}; the names of their structs are public format too. */
final class TypedSchemas {

    static final Schema ZSET = array(
            SchemaBuilder.struct()
                    .name("io.rediscdc.ZsetMember")
                    .field("member", Schema.BYTES_SCHEMA)
                    .field("score", Schema.FLOAT64_SCHEMA)
                    .build(),
            "Of value.format=typed: the members of a sorted set.");

    static final Schema HASH = array(
            SchemaBuilder.struct()
                    .name("io.rediscdc.HashField")
                    .field("field", Schema.BYTES_SCHEMA)
                    .field("value", Schema.BYTES_SCHEMA)
                    .field(
                            "expire_at_ms",
                            optional(Schema.Type.INT64, "When the field expires, ms since 1970; null for never."))
                    .build(),
            "Of value.format=typed: the fields of a hash.");

    static final Schema STREAM = stream();

    private TypedSchemas() {}

    private static Schema stream() {
        Schema entry = SchemaBuilder.struct()
                .name("io.rediscdc.StreamEntry")
                .field("id", required(Schema.Type.STRING, "Entry id, as ms-seq."))
                .field(
                        "fields",
                        SchemaBuilder.array(Schema.BYTES_SCHEMA)
                                .doc("Field, value, field, value and so on.")
                                .build())
                .build();
        return SchemaBuilder.struct()
                .name("io.rediscdc.Stream")
                .optional()
                .doc("Of value.format=typed: a stream.")
                .field("entries", SchemaBuilder.array(entry).build())
                .field("last_id", Schema.STRING_SCHEMA)
                .field("first_id", Schema.OPTIONAL_STRING_SCHEMA)
                .field("max_deleted_id", Schema.OPTIONAL_STRING_SCHEMA)
                .field("entries_added", Schema.OPTIONAL_INT64_SCHEMA)
                .field("groups", SchemaBuilder.array(group()).build())
                .build();
    }

    private static Schema group() {
        Schema consumer = SchemaBuilder.struct()
                .name("io.rediscdc.StreamConsumer")
                .field("name", Schema.BYTES_SCHEMA)
                .field("seen_time_ms", Schema.INT64_SCHEMA)
                .field("active_time_ms", optional(Schema.Type.INT64, "Null where the server does not keep it."))
                .build();
        Schema pending = SchemaBuilder.struct()
                .name("io.rediscdc.StreamPending")
                .field("id", Schema.STRING_SCHEMA)
                .field("consumer", required(Schema.Type.BYTES, "Name of the consumer it was delivered to."))
                .field("delivered_at_ms", Schema.INT64_SCHEMA)
                .field("deliveries", Schema.INT64_SCHEMA)
                .build();
        return SchemaBuilder.struct()
                .name("io.rediscdc.StreamGroup")
                .field("name", Schema.BYTES_SCHEMA)
                .field("last_id", Schema.STRING_SCHEMA)
                .field("entries_read", optional(Schema.Type.INT64, "Null where the server does not know."))
                .field("consumers", SchemaBuilder.array(consumer).build())
                .field("pending", SchemaBuilder.array(pending).build())
                .build();
    }
}
