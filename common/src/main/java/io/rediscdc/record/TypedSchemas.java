package io.rediscdc.record;

import static io.rediscdc.record.FieldSchemas.array;
import static io.rediscdc.record.FieldSchemas.optional;
import static io.rediscdc.record.FieldSchemas.required;

import org.apache.kafka.connect.data.Field;
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

    static final Schema ZSET_MEMBER = ZSET.valueSchema();
    static final Schema HASH_FIELD = HASH.valueSchema();
    static final Schema ENTRY = STREAM.field("entries").schema().valueSchema();
    static final Schema GROUP = STREAM.field("groups").schema().valueSchema();
    static final Schema CONSUMER = GROUP.field("consumers").schema().valueSchema();
    static final Schema PENDING = GROUP.field("pending").schema().valueSchema();

    static final Field MEMBER = ZSET_MEMBER.field("member");
    static final Field SCORE = ZSET_MEMBER.field("score");

    static final Field HASH_FIELD_NAME = HASH_FIELD.field("field");
    static final Field HASH_FIELD_VALUE = HASH_FIELD.field("value");
    static final Field HASH_FIELD_EXPIRE_AT_MS = HASH_FIELD.field("expire_at_ms");

    static final Field ENTRIES = STREAM.field("entries");
    static final Field LAST_ID = STREAM.field("last_id");
    static final Field FIRST_ID = STREAM.field("first_id");
    static final Field MAX_DELETED_ID = STREAM.field("max_deleted_id");
    static final Field ENTRIES_ADDED = STREAM.field("entries_added");
    static final Field GROUPS = STREAM.field("groups");

    static final Field ENTRY_ID = ENTRY.field("id");
    static final Field ENTRY_FIELDS = ENTRY.field("fields");

    static final Field GROUP_NAME = GROUP.field("name");
    static final Field GROUP_LAST_ID = GROUP.field("last_id");
    static final Field GROUP_ENTRIES_READ = GROUP.field("entries_read");
    static final Field GROUP_CONSUMERS = GROUP.field("consumers");
    static final Field GROUP_PENDING = GROUP.field("pending");

    static final Field CONSUMER_NAME = CONSUMER.field("name");
    static final Field CONSUMER_SEEN_TIME_MS = CONSUMER.field("seen_time_ms");
    static final Field CONSUMER_ACTIVE_TIME_MS = CONSUMER.field("active_time_ms");

    static final Field PENDING_ID = PENDING.field("id");
    static final Field PENDING_CONSUMER = PENDING.field("consumer");
    static final Field PENDING_DELIVERED_AT_MS = PENDING.field("delivered_at_ms");
    static final Field PENDING_DELIVERIES = PENDING.field("deliveries");

    private TypedSchemas() {}

    /** The field of a change that has the values of that type; null for one whose values have no elements here. */
    static Field field(String type) {
        return switch (type) {
            case "string" -> ChangeSchema.STRING;
            case "list" -> ChangeSchema.LIST;
            case "set" -> ChangeSchema.SET;
            case "zset" -> ChangeSchema.ZSET;
            case "hash" -> ChangeSchema.HASH;
            case "stream" -> ChangeSchema.STREAM;
            default -> null;
        };
    }

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
