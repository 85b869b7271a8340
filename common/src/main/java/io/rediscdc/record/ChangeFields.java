package io.rediscdc.record;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Position;
import io.rediscdc.model.SnapshotMark;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;

/** The fields of {@link ChangeSchema#VALUE}, as a change has them. Byte arrays and lists are shared, not copied. */
final class ChangeFields {

    /** Most commands have one key, their first argument. */
    private static final List<Integer> FIRST_ARG = List.of(1);

    private ChangeFields() {}

    /** @param typed writes the elements of values, null where they are written as dumps */
    static void put(Change change, UncheckedStruct struct, TypedWriter typed) {
        put(struct, ChangeSchema.OP, change.op().text());
        if (change.state() != null) {
            putState(struct, change.state(), typed);
        }
        if (change.command() != null) {
            putCommand(struct, change.command());
        }
        if (change.snapshot() != null) {
            putSnapshot(struct, change.snapshot());
        }
        putStamp(struct, change.stamp());
    }

    private static void putState(UncheckedStruct struct, State state, TypedWriter typed) {
        put(struct, ChangeSchema.TYPE, state.type());
        if (state.piece() != null) {
            putPiece(struct, state.piece());
        } else if (typed == null || !typed.write(state, struct)) {
            putDump(struct, state);
        }
        put(struct, ChangeSchema.FLAVOUR, state.flavour().text());
        put(struct, ChangeSchema.RDB_VERSION, state.rdbVersion());
        putIfSet(struct, ChangeSchema.EXPIRE_AT_MS, state.expireAtMs());
        putIfSet(struct, ChangeSchema.IDLE, state.idle());
        putIfSet(struct, ChangeSchema.FREQ, state.freq());
    }

    private static void putDump(UncheckedStruct struct, State state) {
        if (state.dump() == null) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a value of type " + state.type()
                            + " cannot be written by its elements, and there is no dump of it");
        }
        put(struct, ChangeSchema.DUMP, state.dump());
    }

    private static void putPiece(UncheckedStruct struct, Piece piece) {
        put(struct, ChangeSchema.CHUNK, piece.number());
        put(struct, ChangeSchema.CHUNK_LAST, piece.last());
        put(struct, ChangeSchema.CHUNK_LAYOUT, piece.layout());
        put(struct, ChangeSchema.CHUNK_ELEMENTS, piece.elements());
        put(struct, ChangeSchema.CHUNK_DATA, piece.data());
    }

    private static void putCommand(UncheckedStruct struct, Command command) {
        if (command.piece() == null) {
            put(struct, ChangeSchema.ARGS, Arrays.asList(command.args()));
            put(struct, ChangeSchema.KEYS, boxed(command.keys()));
        } else {
            putPiece(struct, command.piece());
        }
        Command.Transaction tx = command.tx();
        if (tx != null) {
            put(struct, ChangeSchema.TX_ID, tx.id());
            put(struct, ChangeSchema.TX_INDEX, tx.index());
            put(struct, ChangeSchema.TX_LAST, tx.last());
        }
    }

    private static void putSnapshot(UncheckedStruct struct, SnapshotMark mark) {
        putIfSet(struct, ChangeSchema.SERVER_VERSION, mark.serverVersion());
        putIfSet(struct, ChangeSchema.PARTITIONS, mark.partitions());
        putIfSet(struct, ChangeSchema.COUNTS, mark.counts());
        Position closes = mark.closes();
        if (closes != null) {
            put(struct, ChangeSchema.CLOSES_EPOCH, closes.epoch());
            put(struct, ChangeSchema.CLOSES_OFFSET, closes.offset());
            put(struct, ChangeSchema.CLOSES_INDEX, closes.index());
        }
    }

    private static void putStamp(UncheckedStruct struct, Stamp stamp) {
        Origin origin = stamp.origin();
        put(struct, ChangeSchema.SHARD, origin.shard());
        putIfSet(struct, ChangeSchema.NODE, origin.node());
        putIfSet(struct, ChangeSchema.REPLID, origin.replid());
        put(struct, ChangeSchema.EPOCH, stamp.position().epoch());
        put(struct, ChangeSchema.OFFSET, stamp.position().offset());
        put(struct, ChangeSchema.INDEX, stamp.position().index());
        put(struct, ChangeSchema.PREV_EPOCH, stamp.prev().epoch());
        put(struct, ChangeSchema.PREV_OFFSET, stamp.prev().offset());
        put(struct, ChangeSchema.PREV_INDEX, stamp.prev().index());
        putIfSet(struct, ChangeSchema.AS_OF, stamp.asOf());
        putIfSet(struct, ChangeSchema.SLOT, stamp.slot());
        putIfSet(struct, ChangeSchema.SLOT_EPOCH, stamp.slotEpoch());
        putIfSet(struct, ChangeSchema.SLOTS, stamp.slots());
        put(struct, ChangeSchema.TS_MS, stamp.tsMs());
        putIfSet(struct, ChangeSchema.ORIGIN, stamp.sites());
    }

    private static void put(UncheckedStruct struct, Field field, Object value) {
        struct.set(field, Objects.requireNonNull(value, field.name()));
    }

    private static void putIfSet(UncheckedStruct struct, Field field, Object value) {
        struct.set(field, value);
    }

    private static List<Integer> boxed(int[] keys) {
        return keys.length == 1 && keys[0] == 1
                ? FIRST_ARG
                : Arrays.stream(keys).boxed().toList();
    }
}
