package io.rediscdc.record;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;

/** Makes a struct of {@link TypedSchemas#STREAM} of one stream. */
final class TypedStreamWriter implements StreamVisitor {

    private static final Field[] STREAM = UnnamedFields.of(TypedSchemas.STREAM);
    private static final Field[] ENTRY = UnnamedFields.of(TypedSchemas.ENTRY);
    private static final Field[] GROUP = UnnamedFields.of(TypedSchemas.GROUP);
    private static final Field[] CONSUMER = UnnamedFields.of(TypedSchemas.CONSUMER);
    private static final Field[] PENDING = UnnamedFields.of(TypedSchemas.PENDING);

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
    private final Struct stream = new Struct(TypedSchemas.STREAM);
    private final List<Struct> entries = new ArrayList<>();
    private final List<Struct> groups = new ArrayList<>();

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
        stream.put(STREAM[TypedSchemas.ENTRIES.index()], entries);
        stream.put(STREAM[TypedSchemas.GROUPS.index()], groups);
        return stream;
    }

    @Override
    public void entry(StreamId id, byte[][] fieldsAndValues) {
        long bytes = JSON_ENTRY;
        for (byte[] each : fieldsAndValues) {
            bytes += TypedWriter.base64(each);
        }
        size.count(bytes);
        Struct entry = new Struct(TypedSchemas.ENTRY);
        entry.put(ENTRY[TypedSchemas.ENTRY_ID.index()], id.toString());
        entry.put(ENTRY[TypedSchemas.ENTRY_FIELDS.index()], Arrays.asList(fieldsAndValues));
        entries.add(entry);
    }

    @Override
    public void info(Info info) {
        if (info.length() != entries.size()) {
            throw TypedWriter.notTyped("a stream that states " + info.length() + " entries and has " + entries.size());
        }
        stream.put(STREAM[TypedSchemas.LAST_ID.index()], info.lastId().toString());
        Counters counters = info.counters();
        if (counters != null) {
            stream.put(STREAM[TypedSchemas.FIRST_ID.index()], counters.firstId().toString());
            stream.put(
                    STREAM[TypedSchemas.MAX_DELETED_ID.index()],
                    counters.maxDeletedId().toString());
            stream.put(STREAM[TypedSchemas.ENTRIES_ADDED.index()], counters.entriesAdded());
        }
    }

    @Override
    public void group(byte[] name, StreamId lastId, long entriesRead) {
        endGroup();
        size.count(JSON_GROUP + TypedWriter.base64(name));
        Struct group = new Struct(TypedSchemas.GROUP);
        group.put(GROUP[TypedSchemas.GROUP_NAME.index()], name);
        group.put(GROUP[TypedSchemas.GROUP_LAST_ID.index()], lastId.toString());
        if (entriesRead != UNKNOWN) {
            group.put(GROUP[TypedSchemas.GROUP_ENTRIES_READ.index()], entriesRead);
        }
        groups.add(group);
        consumers = new ArrayList<>();
        pending = new ArrayList<>();
    }

    private void endGroup() {
        if (!groups.isEmpty()) {
            Struct group = groups.get(groups.size() - 1);
            group.put(GROUP[TypedSchemas.GROUP_CONSUMERS.index()], consumers);
            group.put(GROUP[TypedSchemas.GROUP_PENDING.index()], pending);
        }
    }

    @Override
    public void consumer(byte[] name, long seenMs, long activeMs) {
        size.count(JSON_CONSUMER + TypedWriter.base64(name));
        consumer = name;
        Struct struct = new Struct(TypedSchemas.CONSUMER);
        struct.put(CONSUMER[TypedSchemas.CONSUMER_NAME.index()], name);
        struct.put(CONSUMER[TypedSchemas.CONSUMER_SEEN_TIME_MS.index()], seenMs);
        if (activeMs != UNKNOWN) {
            struct.put(CONSUMER[TypedSchemas.CONSUMER_ACTIVE_TIME_MS.index()], activeMs);
        }
        consumers.add(struct);
    }

    @Override
    public void pending(StreamId id, long deliveredMs, long deliveries) {
        size.count(JSON_PENDING + TypedWriter.base64(consumer));
        Struct struct = new Struct(TypedSchemas.PENDING);
        struct.put(PENDING[TypedSchemas.PENDING_ID.index()], id.toString());
        struct.put(PENDING[TypedSchemas.PENDING_CONSUMER.index()], consumer);
        struct.put(PENDING[TypedSchemas.PENDING_DELIVERED_AT_MS.index()], deliveredMs);
        struct.put(PENDING[TypedSchemas.PENDING_DELIVERIES.index()], deliveries);
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
