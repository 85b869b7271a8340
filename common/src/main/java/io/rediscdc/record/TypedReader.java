package io.rediscdc.record;

import static io.rediscdc.record.FieldMap.required;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.format.rdb.value.VisitableValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;

/**
 * Reads what {@link TypedWriter} wrote, in the order it was written. Values refer to it, so they are to be visited by its
 * thread. What is amiss in a value shows when it is visited: PROTOCOL, naming the field.
 */
final class TypedReader {

    private final FieldMap.Cache memberFields = new FieldMap.Cache(TypedSchemas.ZSET_MEMBER);
    private final FieldMap.Cache hashFields = new FieldMap.Cache(TypedSchemas.HASH_FIELD);
    private final FieldMap.Cache streamFields = new FieldMap.Cache(TypedSchemas.STREAM);
    private final FieldMap.Cache entryFields = new FieldMap.Cache(TypedSchemas.ENTRY);
    private final FieldMap.Cache groupFields = new FieldMap.Cache(TypedSchemas.GROUP);
    private final FieldMap.Cache consumerFields = new FieldMap.Cache(TypedSchemas.CONSUMER);
    private final FieldMap.Cache pendingFields = new FieldMap.Cache(TypedSchemas.PENDING);

    /** The value of that type in a record; null if there is none. */
    VisitableValue value(String type, FieldMap fields, Struct struct) {
        Field field = TypedSchemas.field(type);
        if (field == null || !fields.isSet(struct, field)) {
            return null;
        }
        return switch (type) {
            case "string" -> {
                byte[] text = fields.bytes(struct, field);
                yield to -> to.string(text, true);
            }
            case "stream" -> {
                Struct stream = fields.struct(struct, field);
                yield to -> stream(stream, to.stream());
            }
            default -> {
                List<?> elements = fields.list(struct, field);
                yield to -> {
                    for (Object element : elements) {
                        element(type, required(element, field), to);
                    }
                };
            }
        };
    }

    private void element(String type, Object element, ValueVisitor to) {
        switch (type) {
            case "list" -> to.listElement(FieldMap.toBytes(element));
            case "set" -> to.setMember(FieldMap.toBytes(element));
            case "zset" -> member((Struct) element, to);
            default -> hashField((Struct) element, to);
        }
    }

    private void member(Struct member, ValueVisitor to) {
        FieldMap fields = memberFields.of(member.schema());
        to.zsetMember(
                fields.requiredBytes(member, TypedSchemas.MEMBER),
                required(fields.float64(member, TypedSchemas.SCORE), TypedSchemas.SCORE));
    }

    private void hashField(Struct pair, ValueVisitor to) {
        FieldMap fields = hashFields.of(pair.schema());
        Long expireAtMs = fields.int64(pair, TypedSchemas.HASH_FIELD_EXPIRE_AT_MS);
        if (expireAtMs != null && expireAtMs < 0) {
            throw damaged(TypedSchemas.HASH_FIELD_EXPIRE_AT_MS, "is " + expireAtMs);
        }
        to.hashField(
                fields.requiredBytes(pair, TypedSchemas.HASH_FIELD_NAME),
                fields.requiredBytes(pair, TypedSchemas.HASH_FIELD_VALUE),
                expireAtMs == null ? ValueVisitor.NEVER : expireAtMs);
    }

    private void stream(Struct stream, StreamVisitor to) {
        FieldMap fields = streamFields.of(stream.schema());
        List<?> entries = fields.requiredList(stream, TypedSchemas.ENTRIES);
        if (to.wantsEntries()) {
            StreamId last = StreamId.ZERO;
            for (Object entry : entries) {
                last = entry((Struct) required(entry, TypedSchemas.ENTRIES), last, to);
            }
        }
        to.info(new StreamVisitor.Info(
                entries.size(), id(fields, stream, TypedSchemas.LAST_ID), counters(fields, stream)));
        for (Object group : fields.requiredList(stream, TypedSchemas.GROUPS)) {
            group((Struct) required(group, TypedSchemas.GROUPS), to);
        }
    }

    private static StreamVisitor.Counters counters(FieldMap fields, Struct stream) {
        return fields.isSet(stream, TypedSchemas.ENTRIES_ADDED)
                ? new StreamVisitor.Counters(
                        id(fields, stream, TypedSchemas.FIRST_ID),
                        id(fields, stream, TypedSchemas.MAX_DELETED_ID),
                        fields.requiredInt64(stream, TypedSchemas.ENTRIES_ADDED))
                : null;
    }

    private StreamId entry(Struct entry, StreamId last, StreamVisitor to) {
        FieldMap fields = entryFields.of(entry.schema());
        StreamId id = id(fields, entry, TypedSchemas.ENTRY_ID);
        if (id.compareTo(last) <= 0) {
            throw damaged(TypedSchemas.ENTRY_ID, "does not ascend");
        }
        List<?> pairs = fields.requiredList(entry, TypedSchemas.ENTRY_FIELDS);
        if (pairs.isEmpty() || pairs.size() % 2 != 0) {
            throw damaged(TypedSchemas.ENTRY_FIELDS, "has " + pairs.size() + " fields and values");
        }
        byte[][] fieldsAndValues = new byte[pairs.size()][];
        for (int i = 0; i < fieldsAndValues.length; i++) {
            fieldsAndValues[i] = required(FieldMap.toBytes(pairs.get(i)), TypedSchemas.ENTRY_FIELDS);
        }
        to.entry(id, fieldsAndValues);
        return id;
    }

    private void group(Struct group, StreamVisitor to) {
        FieldMap fields = groupFields.of(group.schema());
        Long entriesRead = fields.int64(group, TypedSchemas.GROUP_ENTRIES_READ);
        to.group(
                fields.requiredBytes(group, TypedSchemas.GROUP_NAME),
                id(fields, group, TypedSchemas.GROUP_LAST_ID),
                entriesRead == null ? StreamVisitor.UNKNOWN : entriesRead);
        List<?> pending = fields.requiredList(group, TypedSchemas.GROUP_PENDING);
        Owned owned = new Owned();
        for (Object each : pending) {
            owned.add((Struct) required(each, TypedSchemas.GROUP_PENDING));
        }
        for (Object consumer : fields.requiredList(group, TypedSchemas.GROUP_CONSUMERS)) {
            consumer((Struct) required(consumer, TypedSchemas.GROUP_CONSUMERS), owned, to);
        }
        owned.checkNoneIsLeft();
    }

    private void consumer(Struct consumer, Owned owned, StreamVisitor to) {
        FieldMap fields = consumerFields.of(consumer.schema());
        byte[] name = fields.requiredBytes(consumer, TypedSchemas.CONSUMER_NAME);
        Long activeMs = fields.int64(consumer, TypedSchemas.CONSUMER_ACTIVE_TIME_MS);
        to.consumer(
                name,
                fields.requiredInt64(consumer, TypedSchemas.CONSUMER_SEEN_TIME_MS),
                activeMs == null ? StreamVisitor.UNKNOWN : activeMs);
        for (Struct pending : owned.by(name)) {
            FieldMap its = pendingFields.of(pending.schema());
            to.pending(
                    id(its, pending, TypedSchemas.PENDING_ID),
                    its.requiredInt64(pending, TypedSchemas.PENDING_DELIVERED_AT_MS),
                    its.requiredInt64(pending, TypedSchemas.PENDING_DELIVERIES));
        }
    }

    /** The pending entries of a group by consumer. */
    private final class Owned {

        private final Map<ByteBuffer, List<Struct>> byConsumer = new HashMap<>();

        void add(Struct pending) {
            FieldMap fields = pendingFields.of(pending.schema());
            byte[] consumer = fields.requiredBytes(pending, TypedSchemas.PENDING_CONSUMER);
            byConsumer
                    .computeIfAbsent(ByteBuffer.wrap(consumer), name -> new ArrayList<>())
                    .add(pending);
        }

        List<Struct> by(byte[] consumer) {
            List<Struct> its = byConsumer.remove(ByteBuffer.wrap(consumer));
            return its == null ? List.of() : its;
        }

        void checkNoneIsLeft() {
            if (!byConsumer.isEmpty()) {
                throw damaged(TypedSchemas.PENDING_CONSUMER, "names a consumer that the group does not have");
            }
        }
    }

    private static StreamId id(FieldMap fields, Struct struct, Field field) {
        try {
            return StreamId.parse(required(fields.string(struct, field), field));
        } catch (IllegalArgumentException e) {
            throw damaged(field, "is no id of a stream entry (ms-seq)", e);
        }
    }

    private static RedisCdcException damaged(Field field, String what) {
        return damaged(field, what, null);
    }

    private static RedisCdcException damaged(Field field, String what, Throwable cause) {
        return new RedisCdcException(
                Category.PROTOCOL,
                "field '" + field.name() + "' of a typed value " + what
                        + ", which no record of the source connector has there; take transforms out that change values",
                cause);
    }
}
