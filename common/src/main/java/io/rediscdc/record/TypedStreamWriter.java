package io.rediscdc.record;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.connect.data.Struct;

/** Makes a struct of {@link TypedSchemas#STREAM} of one stream. */
final class TypedStreamWriter implements StreamVisitor {

    /** What JSON puts around names and values, with the numbers and ids at their longest. */
    private static final int JSON_STREAM = 300;

    private static final int JSON_ENTRY = 65;
    private static final int JSON_GROUP = 150;
    private static final int JSON_CONSUMER = 100;
    private static final int JSON_PENDING = 150;

    /** What Redis 8.6 states of every stream of which nobody has used XADD IDMP (src/stream.h). */
    private static final int IDMP_SECONDS = 100;

    private static final int IDMP_IDS = 100;

    private final TypedWriter size;
    private final UncheckedStruct stream = new UncheckedStruct(TypedSchemas.STREAM);
    private final List<Struct> entries = new ArrayList<>();
    private final List<UncheckedStruct> groups = new ArrayList<>();

    private List<Struct> consumers;
    private List<Struct> pending;
    private byte[] consumer;

    TypedStreamWriter(TypedWriter size) {
        this.size = size;
        size.count(JSON_STREAM);
    }

    /** The whole stream. */
    Struct struct() {
        endGroup();
        stream.set(TypedSchemas.ENTRIES, entries);
        stream.set(TypedSchemas.GROUPS, groups);
        return stream;
    }

    @Override
    public void entry(StreamId id, byte[][] fieldsAndValues) {
        long bytes = JSON_ENTRY;
        for (byte[] each : fieldsAndValues) {
            bytes += TypedWriter.base64(each);
        }
        size.count(bytes);
        UncheckedStruct entry = new UncheckedStruct(TypedSchemas.ENTRY);
        entry.set(TypedSchemas.ENTRY_ID, id.toString());
        entry.set(TypedSchemas.ENTRY_FIELDS, Arrays.asList(fieldsAndValues));
        entries.add(entry);
    }

    @Override
    public void info(Info info) {
        if (info.length() != entries.size()) {
            throw TypedWriter.notTyped("a stream that states " + info.length() + " entries and has " + entries.size());
        }
        stream.set(TypedSchemas.LAST_ID, info.lastId().toString());
        Counters counters = info.counters();
        if (counters != null) {
            stream.set(TypedSchemas.FIRST_ID, counters.firstId().toString());
            stream.set(TypedSchemas.MAX_DELETED_ID, counters.maxDeletedId().toString());
            stream.set(TypedSchemas.ENTRIES_ADDED, counters.entriesAdded());
        }
    }

    @Override
    public void group(byte[] name, StreamId lastId, long entriesRead) {
        endGroup();
        size.count(JSON_GROUP + TypedWriter.base64(name));
        UncheckedStruct group = new UncheckedStruct(TypedSchemas.GROUP);
        group.set(TypedSchemas.GROUP_NAME, name);
        group.set(TypedSchemas.GROUP_LAST_ID, lastId.toString());
        if (entriesRead != UNKNOWN) {
            group.set(TypedSchemas.GROUP_ENTRIES_READ, entriesRead);
        }
        groups.add(group);
        consumers = new ArrayList<>();
        pending = new ArrayList<>();
    }

    private void endGroup() {
        if (!groups.isEmpty()) {
            UncheckedStruct group = groups.get(groups.size() - 1);
            group.set(TypedSchemas.GROUP_CONSUMERS, consumers);
            group.set(TypedSchemas.GROUP_PENDING, pending);
        }
    }

    @Override
    public void consumer(byte[] name, long seenMs, long activeMs) {
        size.count(JSON_CONSUMER + TypedWriter.base64(name));
        consumer = name;
        UncheckedStruct struct = new UncheckedStruct(TypedSchemas.CONSUMER);
        struct.set(TypedSchemas.CONSUMER_NAME, name);
        struct.set(TypedSchemas.CONSUMER_SEEN_TIME_MS, seenMs);
        if (activeMs != UNKNOWN) {
            struct.set(TypedSchemas.CONSUMER_ACTIVE_TIME_MS, activeMs);
        }
        consumers.add(struct);
    }

    @Override
    public void pending(StreamId id, long deliveredMs, long deliveries) {
        size.count(JSON_PENDING + TypedWriter.base64(consumer));
        UncheckedStruct struct = new UncheckedStruct(TypedSchemas.PENDING);
        struct.set(TypedSchemas.PENDING_ID, id.toString());
        struct.set(TypedSchemas.PENDING_CONSUMER, consumer);
        struct.set(TypedSchemas.PENDING_DELIVERED_AT_MS, deliveredMs);
        struct.set(TypedSchemas.PENDING_DELIVERIES, deliveries);
        pending.add(struct);
    }

    @Override
    public void idempotence(long durationSeconds, long maxEntries) {
        if (durationSeconds != IDMP_SECONDS || maxEntries != IDMP_IDS) {
            throw TypedWriter.notTyped("a stream with settings for IDMP ids");
        }
    }

    @Override
    public void producer(byte[] name) {
        throw TypedWriter.notTyped("a stream with IDMP ids");
    }

    @Override
    public void idempotenceCounts(long recorded, long duplicates) {
        if (recorded != 0 || duplicates != 0) {
            throw TypedWriter.notTyped("a stream with IDMP ids");
        }
    }
}
