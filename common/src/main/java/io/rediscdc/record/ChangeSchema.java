package io.rediscdc.record;

import static io.rediscdc.record.FieldSchemas.array;
import static io.rediscdc.record.FieldSchemas.bytesArray;
import static io.rediscdc.record.FieldSchemas.optional;
import static io.rediscdc.record.FieldSchemas.required;

import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;

/**
 * The Connect schemas of every record this project writes: the key's and the value's. Their names, and the names, types
 * and order of their fields are the public format of a topic; a field is only ever added, at the end and nullable.
 *
 * <p>Times are ms since 1970, sizes are bytes, unless a field's doc says otherwise.
 */
public final class ChangeSchema {

    public static final String KEY_NAME = "io.rediscdc.Key";
    public static final String VALUE_NAME = "io.rediscdc.Change";

    /** Struct {@value #KEY_NAME}: db, key, part. */
    public static final Schema KEY = SchemaBuilder.struct()
            .name(KEY_NAME)
            .version(1)
            .doc("What a change is about: a key of a database, or a piece of a large value or command.")
            .field("db", required(Schema.Type.INT32, "Database number."))
            .field(
                    "key",
                    required(
                            Schema.Type.BYTES,
                            "The key as in Redis; of a control record, a name under the reserved prefix __redis-cdc:."))
            .field(
                    "part",
                    optional(
                            Schema.Type.INT32,
                            "Number of the piece of a large value or command; null for a whole one."))
            .build();

    /** Struct {@value #VALUE_NAME}: one flat struct for every op; what an op does not use is null. */
    public static final Schema VALUE = value();

    static final Field DB = KEY.field("db");
    static final Field KEY_BYTES = KEY.field("key");
    static final Field PART = KEY.field("part");

    static final Field OP = VALUE.field("op");
    static final Field TYPE = VALUE.field("type");
    static final Field DUMP = VALUE.field("dump");
    static final Field FLAVOUR = VALUE.field("flavour");
    static final Field RDB_VERSION = VALUE.field("rdb_version");
    static final Field STRING = VALUE.field("string");
    static final Field LIST = VALUE.field("list");
    static final Field SET = VALUE.field("set");
    static final Field ZSET = VALUE.field("zset");
    static final Field HASH = VALUE.field("hash");
    static final Field STREAM = VALUE.field("stream");
    static final Field IDLE = VALUE.field("idle");
    static final Field FREQ = VALUE.field("freq");
    static final Field EXPIRE_AT_MS = VALUE.field("expire_at_ms");
    static final Field ARGS = VALUE.field("args");
    static final Field KEYS = VALUE.field("keys");
    static final Field TX_ID = VALUE.field("tx_id");
    static final Field TX_INDEX = VALUE.field("tx_index");
    static final Field TX_LAST = VALUE.field("tx_last");
    static final Field CHUNK = VALUE.field("chunk");
    static final Field CHUNK_LAST = VALUE.field("chunk_last");
    static final Field CHUNK_LAYOUT = VALUE.field("chunk_layout");
    static final Field CHUNK_ELEMENTS = VALUE.field("chunk_elements");
    static final Field SHARD = VALUE.field("shard");
    static final Field NODE = VALUE.field("node");
    static final Field REPLID = VALUE.field("replid");
    static final Field EPOCH = VALUE.field("epoch");
    static final Field OFFSET = VALUE.field("offset");
    static final Field INDEX = VALUE.field("index");
    static final Field PREV_EPOCH = VALUE.field("prev_epoch");
    static final Field PREV_OFFSET = VALUE.field("prev_offset");
    static final Field PREV_INDEX = VALUE.field("prev_index");
    static final Field AS_OF = VALUE.field("as_of");
    static final Field SLOT = VALUE.field("slot");
    static final Field SLOT_EPOCH = VALUE.field("slot_epoch");
    static final Field SLOTS = VALUE.field("slots");
    static final Field TS_MS = VALUE.field("ts_ms");
    static final Field ORIGIN = VALUE.field("origin");
    static final Field SERVER_VERSION = VALUE.field("server_version");
    static final Field PARTITIONS = VALUE.field("partitions");
    static final Field CLOSES_EPOCH = VALUE.field("closes_epoch");
    static final Field CLOSES_OFFSET = VALUE.field("closes_offset");
    static final Field CLOSES_INDEX = VALUE.field("closes_index");
    static final Field COUNTS = VALUE.field("counts");
    static final Field CHUNK_DATA = VALUE.field("chunk_data");

    private ChangeSchema() {}

    private static Schema value() {
        SchemaBuilder struct = SchemaBuilder.struct()
                .name(VALUE_NAME)
                .version(1)
                .doc(
                        "One record of a Redis shard's history. Positions are (epoch, offset, index), ordered in a shard.");
        addState(struct);
        addCommand(struct);
        addChunk(struct);
        addStamp(struct);
        addSnapshot(struct);
        return struct.build();
    }

    private static void addState(SchemaBuilder struct) {
        struct.field(
                        "op",
                        required(
                                Schema.Type.STRING,
                                "What it does: set, del, command, flush, swapdb, function, script, publish,"
                                        + " snapshot.begin, snapshot.end or heartbeat."))
                .field(
                        "type",
                        optional(
                                Schema.Type.STRING,
                                "Of set: string, list, set, zset, hash, stream, or the name of a module's type."))
                .field(
                        "dump",
                        optional(
                                Schema.Type.BYTES,
                                "Of set: the whole value as DUMP returns it, RDB version and CRC64 at its end."))
                .field("flavour", optional(Schema.Type.STRING, "Whose RDB dialect the dump is in: redis or valkey."))
                .field("rdb_version", optional(Schema.Type.INT32, "RDB version of the dump, as in its footer."))
                .field("string", optional(Schema.Type.BYTES, "Of value.format=typed: the value of a string."))
                .field("list", bytesArray("Of value.format=typed: the elements of a list, head first."))
                .field("set", bytesArray("Of value.format=typed: the members of a set, in no order."))
                .field("zset", TypedSchemas.ZSET)
                .field("hash", TypedSchemas.HASH)
                .field("stream", TypedSchemas.STREAM)
                .field("idle", optional(Schema.Type.INT64, "Seconds since the last access, where the source said."))
                .field("freq", optional(Schema.Type.INT32, "LFU counter, where the source said."))
                .field(
                        "expire_at_ms",
                        optional(Schema.Type.INT64, "Of set: when it expires, ms since 1970; null for never."));
    }

    private static void addCommand(SchemaBuilder struct) {
        struct.field("args", bytesArray("Of what a server executes: the command, its name first."))
                .field(
                        "keys",
                        array(Schema.INT32_SCHEMA, "Indexes of the keys among the args; 0 is the command's name."))
                .field(
                        "tx_id",
                        optional(
                                Schema.Type.INT64,
                                "Of what ran inside MULTI/EXEC or a script: offset of the MULTI, the same for all of"
                                        + " them."))
                .field("tx_index", optional(Schema.Type.INT32, "Running number within the transaction, from 0."))
                .field("tx_last", optional(Schema.Type.BOOLEAN, "True for the last one of the transaction."));
    }

    private static void addChunk(SchemaBuilder struct) {
        struct.field(
                        "chunk",
                        optional(Schema.Type.INT32, "Running number of a piece of a large value or command, from 0."))
                .field("chunk_last", optional(Schema.Type.BOOLEAN, "True for the last piece."))
                .field(
                        "chunk_layout",
                        optional(Schema.Type.INT32, "How it was cut, the same for all pieces: 1 values, 2 commands."))
                .field(
                        "chunk_elements",
                        optional(
                                Schema.Type.INT64,
                                "Number of elements, or of bytes of a command, in this piece and those before it."));
    }

    private static void addStamp(SchemaBuilder struct) {
        struct.field("shard", required(Schema.Type.STRING, "Name of the shard within its source."))
                .field("node", optional(Schema.Type.STRING, "host:port of the server it was read from."))
                .field("replid", optional(Schema.Type.STRING, "Replication id of the history."))
                .field(
                        "epoch",
                        required(
                                Schema.Type.INT64,
                                "Position: start of the full synchronisation this belongs to, ms since 1970."))
                .field(
                        "offset",
                        required(
                                Schema.Type.INT64,
                                "Position: replication offset of the change's last byte; of a snapshot record, of the"
                                        + " snapshot."))
                .field("index", required(Schema.Type.INT64, "Position: running number among records of one offset."))
                .field(
                        "prev_epoch",
                        required(
                                Schema.Type.INT64,
                                "Position of this shard's previous record in the same partition, all 0 for none:"
                                        + " its epoch."))
                .field("prev_offset", required(Schema.Type.INT64, "Previous record's position: its offset."))
                .field("prev_index", required(Schema.Type.INT64, "Previous record's position: its index."))
                .field("as_of", optional(Schema.Type.INT64, "Of a state that was read back: the offset it is true at."))
                .field("slot", optional(Schema.Type.INT32, "Hash slot of the key, 0 to 16383."))
                .field(
                        "slot_epoch",
                        optional(Schema.Type.INT64, "Ownership epoch of the slot, where the source is a cluster."))
                .field(
                        "slots",
                        optional(
                                Schema.Type.STRING,
                                "Slots the shard owned, as 0-5460,6000; on keyspace-wide events of a cluster."))
                .field("ts_ms", required(Schema.Type.INT64, "When the source connector received it, ms since 1970."))
                .field("origin", array(Schema.STRING_SCHEMA, "Ids of the sites the change has come through."));
    }

    private static void addSnapshot(SchemaBuilder struct) {
        struct.field("server_version", optional(Schema.Type.STRING, "Of snapshot.begin: version of the server."))
                .field(
                        "partitions",
                        optional(Schema.Type.INT32, "Of snapshot.begin: partitions of the topic, for this epoch."))
                .field(
                        "closes_epoch",
                        optional(
                                Schema.Type.INT64,
                                "Of snapshot.begin: last position of the epoch before, null for none: its epoch."
                                        + " Of a heartbeat after a promotion: the last position that still holds."))
                .field("closes_offset", optional(Schema.Type.INT64, "The same position: its offset."))
                .field("closes_index", optional(Schema.Type.INT64, "The same position: its index."))
                .field("counts", array(Schema.INT64_SCHEMA, "Of snapshot.end: keys sent, per partition."))
                .field(
                        "chunk_data",
                        optional(
                                Schema.Type.BYTES,
                                "The piece itself. Of chunk_layout 1: the commands that build the value, in RESP, each with"
                                        + " an empty string in the key's place; of 2: a part of the command in RESP."));
    }
}
