package io.rediscdc.record;

import static io.rediscdc.record.FieldMap.required;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.value.VisitableValue;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.slot.Slot;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Headers;

/**
 * Changes as Connect structs of {@link ChangeSchema}, and back. Byte arrays and lists are shared, not copied.
 *
 * <p>Not thread-safe: it remembers what the record before looked like. A task has its own.
 */
public final class ChangeCodec {

    /** Null where values are written as dumps. */
    private final TypedWriter typed;

    /** For what comes without a dump. */
    private final TypedWriter elements;

    private final TypedReader reader = new TypedReader();
    private final FieldMap.Cache keyFields = new FieldMap.Cache(ChangeSchema.KEY);
    private final FieldMap.Cache valueFields = new FieldMap.Cache(ChangeSchema.VALUE);

    /** Of the record read before: a shard's records have the same for as long as a connection lasts. */
    private Origin lastOrigin = new Origin("", null, null);

    /** One that writes states with their dumps. It reads both kinds. */
    public ChangeCodec() {
        this(null, new TypedWriter(Integer.MAX_VALUE));
    }

    private ChangeCodec(TypedWriter typed, TypedWriter elements) {
        this.typed = typed;
        this.elements = elements;
    }

    /**
     * One that writes the elements of values in place of dumps, where nothing is lost by that. It reads both kinds.
     *
     * @param maxValueBytes the largest value, in bytes of JSON; of larger ones the dumps are written
     */
    public static ChangeCodec typed(int maxValueBytes) {
        TypedWriter writer = new TypedWriter(maxValueBytes);
        return new ChangeCodec(writer, writer);
    }

    /** Whether a state that has its elements and no dump can be written: others have to come in another way. */
    public boolean fits(State state) {
        return elements.write(state, new UncheckedStruct(ChangeSchema.VALUE));
    }

    /** Whether a change's value has to be decoded to write it. */
    public boolean decodes(Change change) {
        return typed != null && change.state() != null && change.state().dump() != null;
    }

    /** A struct of {@link ChangeSchema#KEY}. */
    public Struct key(ChangeKey key) {
        return new KeyStruct(key);
    }

    /** A struct of {@link ChangeSchema#VALUE}; the change's key is not in it. */
    public Struct value(Change change) {
        TypedWriter writer = writer(change.state());
        if (writer == null) {
            return new ChangeStruct(change);
        }
        UncheckedStruct struct = new UncheckedStruct(ChangeSchema.VALUE);
        ChangeFields.put(change, struct, writer);
        return struct;
    }

    /** What writes its elements, null where they are not written. */
    private TypedWriter writer(State state) {
        if (state == null || state.piece() != null) {
            return null;
        }
        return state.dump() == null ? elements : typed;
    }

    /**
     * The deletion that a tombstone is.
     *
     * @param key as for {@link #change}
     * @param timestamp of the record, null for none
     * @throws RedisCdcException as {@link #change}
     */
    public Change tombstone(Object key, Headers headers, Long timestamp) {
        ChangeKey deleted = changeKey(struct(key, "key", ChangeSchema.KEY_NAME));
        return Change.del(
                deleted, ChangeHeaders.stampOf(headers, Slot.of(deleted.key()), timestamp == null ? 0 : timestamp));
    }

    /**
     * The change of a record, whichever converter read it.
     *
     * @param key struct with the fields of {@link ChangeSchema#KEY}
     * @param value struct with the fields of {@link ChangeSchema#VALUE}; a tombstone is no change, and not for here
     * @throws RedisCdcException naming the field: UNSUPPORTED for what this version cannot apply or is no change at
     *     all, PROTOCOL for what no version writes
     */
    public Change change(Object key, Object value) {
        Struct keyStruct = struct(key, "key", ChangeSchema.KEY_NAME);
        if (value instanceof ChangeStruct whole && whole.change() != null) {
            return whole.change().of(changeKey(keyStruct));
        }
        Struct valueStruct = struct(value, "value", ChangeSchema.VALUE_NAME);
        FieldMap fields = valueFields.of(valueStruct.schema());
        Op op = op(required(fields.string(valueStruct, ChangeSchema.OP), ChangeSchema.OP));
        return new Change(
                changeKey(keyStruct),
                op,
                stamp(fields, valueStruct),
                op == Op.SET ? state(fields, valueStruct) : null,
                op.isExecutable() ? command(fields, valueStruct) : null,
                hasMark(op, fields, valueStruct) ? snapshot(fields, valueStruct) : null);
    }

    private ChangeKey changeKey(Struct struct) {
        if (struct instanceof KeyStruct whole && whole.key() != null) {
            return whole.key();
        }
        FieldMap fields = keyFields.of(struct.schema());
        return new ChangeKey(
                required(fields.int32(struct, ChangeSchema.DB), ChangeSchema.DB),
                required(fields.bytes(struct, ChangeSchema.KEY_BYTES), ChangeSchema.KEY_BYTES),
                fields.int32(struct, ChangeSchema.PART));
    }

    private State state(FieldMap fields, Struct struct) {
        String type = required(fields.string(struct, ChangeSchema.TYPE), ChangeSchema.TYPE);
        Piece piece = fields.isSet(struct, ChangeSchema.CHUNK) ? piece(fields, struct, Piece.COMMANDS) : null;
        byte[] dump = piece != null ? null : fields.bytes(struct, ChangeSchema.DUMP);
        VisitableValue value = piece != null || dump != null ? null : reader.value(type, fields, struct);
        return new State(
                type,
                piece == null && value == null ? required(dump, ChangeSchema.DUMP) : dump,
                flavour(required(fields.string(struct, ChangeSchema.FLAVOUR), ChangeSchema.FLAVOUR)),
                required(fields.int32(struct, ChangeSchema.RDB_VERSION), ChangeSchema.RDB_VERSION),
                fields.int64(struct, ChangeSchema.EXPIRE_AT_MS),
                fields.int64(struct, ChangeSchema.IDLE),
                fields.int32(struct, ChangeSchema.FREQ),
                piece,
                value);
    }

    private static Piece piece(FieldMap fields, Struct struct, int known) {
        int layout = required(fields.int32(struct, ChangeSchema.CHUNK_LAYOUT), ChangeSchema.CHUNK_LAYOUT);
        if (layout != known) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "field 'chunk_layout' is " + layout + ", written by a newer version; upgrade the sink connector");
        }
        return new Piece(
                required(fields.int32(struct, ChangeSchema.CHUNK), ChangeSchema.CHUNK),
                required(fields.bool(struct, ChangeSchema.CHUNK_LAST), ChangeSchema.CHUNK_LAST),
                layout,
                fields.requiredInt64(struct, ChangeSchema.CHUNK_ELEMENTS),
                required(fields.bytes(struct, ChangeSchema.CHUNK_DATA), ChangeSchema.CHUNK_DATA));
    }

    private static Command command(FieldMap fields, Struct struct) {
        if (fields.isSet(struct, ChangeSchema.CHUNK)) {
            return new Command(piece(fields, struct, Piece.RESP), transaction(fields, struct));
        }
        List<?> args = required(fields.list(struct, ChangeSchema.ARGS), ChangeSchema.ARGS);
        List<?> keys = required(fields.list(struct, ChangeSchema.KEYS), ChangeSchema.KEYS);
        if (args.isEmpty()) {
            throw new RedisCdcException(Category.PROTOCOL, "field 'args' is empty: a command has at least a name");
        }
        byte[][] argBytes = new byte[args.size()][];
        for (int i = 0; i < argBytes.length; i++) {
            argBytes[i] = required(FieldMap.toBytes(args.get(i)), ChangeSchema.ARGS);
        }
        return new Command(argBytes, keyIndexes(keys, argBytes.length), transaction(fields, struct));
    }

    private static int[] keyIndexes(List<?> keys, int args) {
        int[] indexes = new int[keys.size()];
        for (int i = 0; i < indexes.length; i++) {
            int index = required((Integer) keys.get(i), ChangeSchema.KEYS);
            if (index < 0 || index >= args) {
                throw new RedisCdcException(
                        Category.PROTOCOL, "field 'keys' points at argument " + index + " of a command of " + args);
            }
            indexes[i] = index;
        }
        return indexes;
    }

    private static Command.Transaction transaction(FieldMap fields, Struct struct) {
        Long id = fields.int64(struct, ChangeSchema.TX_ID);
        return id == null
                ? null
                : new Command.Transaction(
                        id,
                        required(fields.int32(struct, ChangeSchema.TX_INDEX), ChangeSchema.TX_INDEX),
                        required(fields.bool(struct, ChangeSchema.TX_LAST), ChangeSchema.TX_LAST));
    }

    private static boolean hasMark(Op op, FieldMap fields, Struct struct) {
        return switch (op) {
            case SNAPSHOT_BEGIN, SNAPSHOT_END -> true;
            case HEARTBEAT -> fields.isSet(struct, ChangeSchema.CLOSES_EPOCH);
            default -> false;
        };
    }

    private static SnapshotMark snapshot(FieldMap fields, Struct struct) {
        Long closesEpoch = fields.int64(struct, ChangeSchema.CLOSES_EPOCH);
        Position closes = closesEpoch == null
                ? null
                : new Position(
                        closesEpoch,
                        fields.requiredInt64(struct, ChangeSchema.CLOSES_OFFSET),
                        fields.requiredInt64(struct, ChangeSchema.CLOSES_INDEX));
        return new SnapshotMark(
                fields.string(struct, ChangeSchema.SERVER_VERSION),
                fields.int32(struct, ChangeSchema.PARTITIONS),
                closes,
                listOf(Long.class, fields.list(struct, ChangeSchema.COUNTS), ChangeSchema.COUNTS));
    }

    private Stamp stamp(FieldMap fields, Struct struct) {
        return new Stamp(
                origin(
                        required(fields.string(struct, ChangeSchema.SHARD), ChangeSchema.SHARD),
                        fields.string(struct, ChangeSchema.NODE),
                        fields.string(struct, ChangeSchema.REPLID)),
                new Position(
                        fields.requiredInt64(struct, ChangeSchema.EPOCH),
                        fields.requiredInt64(struct, ChangeSchema.OFFSET),
                        fields.requiredInt64(struct, ChangeSchema.INDEX)),
                new Position(
                        fields.requiredInt64(struct, ChangeSchema.PREV_EPOCH),
                        fields.requiredInt64(struct, ChangeSchema.PREV_OFFSET),
                        fields.requiredInt64(struct, ChangeSchema.PREV_INDEX)),
                fields.int64(struct, ChangeSchema.AS_OF),
                fields.int32(struct, ChangeSchema.SLOT),
                fields.int64(struct, ChangeSchema.SLOT_EPOCH),
                fields.string(struct, ChangeSchema.SLOTS),
                fields.requiredInt64(struct, ChangeSchema.TS_MS),
                listOf(String.class, fields.list(struct, ChangeSchema.ORIGIN), ChangeSchema.ORIGIN));
    }

    private Origin origin(String shard, String node, String replid) {
        Origin last = lastOrigin;
        if (!shard.equals(last.shard())
                || !Objects.equals(node, last.node())
                || !Objects.equals(replid, last.replid())) {
            last = new Origin(shard, node, replid);
            lastOrigin = last;
        }
        return last;
    }

    private static Op op(String text) {
        try {
            return Op.of(text);
        } catch (IllegalArgumentException e) {
            throw ofNewerVersion(ChangeSchema.OP, e);
        }
    }

    private static Flavour flavour(String text) {
        try {
            return Flavour.of(text);
        } catch (IllegalArgumentException e) {
            throw ofNewerVersion(ChangeSchema.FLAVOUR, e);
        }
    }

    private static RedisCdcException ofNewerVersion(Field field, IllegalArgumentException cause) {
        return new RedisCdcException(
                Category.UNSUPPORTED,
                "field '" + field.name() + "': " + cause.getMessage()
                        + ", written by a newer version; upgrade the sink connector",
                cause);
    }

    private static Struct struct(Object object, String part, String name) {
        if (object instanceof Struct struct) {
            return struct;
        }
        throw new RedisCdcException(
                Category.UNSUPPORTED,
                "the record's " + part + " is "
                        + (object == null ? "null" : "a " + object.getClass().getName())
                        + " and not a struct " + name + "; set " + part
                        + ".converter to the one the source used (JsonConverter needs schemas.enable=true)");
    }

    private static <T> List<T> listOf(Class<T> type, List<?> list, Field field) {
        if (list == null) {
            return null;
        }
        for (Object element : list) {
            if (!type.isInstance(element)) {
                throw new RedisCdcException(
                        Category.PROTOCOL, "field '" + field.name() + "' is not a list of " + type.getSimpleName());
            }
        }
        // Every element was just looked at, and nobody adds to the list of a record.
        @SuppressWarnings("unchecked")
        List<T> checked = (List<T>) list;
        return checked;
    }
}
