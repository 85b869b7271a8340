package io.rediscdc.converter;

import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.slot.Slot;

/**
 * Reads what {@link ChangeWriter} writes. Of everything else, however little it differs, it says that it is not its own: that
 * is for {@link AvroType.RecordType}, which reads whatever the schema allows. Threads may share it.
 */
final class ChangeReader {

    private static final Flavour[] FLAVOURS = Flavour.values();

    private final Names ops = new Names();
    private final Names types = new Names();
    private final Names flavours = new Names();

    /** Of the record before, as its bytes were. */
    private Known known = new Known(null, new byte[] {-1});

    private record Known(Origin origin, byte[] encoded) {}

    /**
     * Reads a value, all of its fields.
     *
     * @return without its key; null if it is no frequent change as our own writer has it: what was read says nothing then
     * @throws org.apache.kafka.connect.errors.DataException if it is damaged
     */
    Change read(AvroInput in) {
        String op = in.readString(ops);
        return switch (op) {
            case "set" -> readSet(in);
            case "del" -> readDel(in);
            case "command" -> readCommand(in);
            default -> null;
        };
    }

    private Change readSet(AvroInput in) {
        if (!in.readIsSet()) {
            return null;
        }
        String type = in.readString(types);
        if (!in.readIsSet()) {
            return null;
        }
        byte[] dump = in.readBytes();
        Flavour flavour = in.readIsSet() ? flavour(in.readString(flavours)) : null;
        if (flavour == null || !in.readIsSet()) {
            return null;
        }
        int rdbVersion = in.readInt();
        if (!in.readNulls(ChangeWriter.ELEMENTS_OF_STATE)) {
            return null;
        }
        Long idle = readOptionalLong(in);
        Integer freq = in.readIsSet() ? (Integer) in.readInt() : null;
        Long expireAtMs = readOptionalLong(in);
        if (!in.readNulls(ChangeWriter.FIELDS_OF_COMMAND + ChangeWriter.FIELDS_OF_PIECE)) {
            return null;
        }
        Stamp stamp = readStamp(in);
        return stamp == null
                ? null
                : Change.set(null, stamp, new State(type, dump, flavour, rdbVersion, expireAtMs, idle, freq));
    }

    private Change readDel(AvroInput in) {
        if (!in.readNulls(
                ChangeWriter.FIELDS_OF_STATE + ChangeWriter.FIELDS_OF_COMMAND + ChangeWriter.FIELDS_OF_PIECE)) {
            return null;
        }
        Stamp stamp = readStamp(in);
        return stamp == null ? null : Change.del(null, stamp);
    }

    private Change readCommand(AvroInput in) {
        if (!in.readNulls(ChangeWriter.FIELDS_OF_STATE) || !in.readIsSet()) {
            return null;
        }
        byte[][] args = new byte[in.readBlockCount()][];
        for (int i = 0; i < args.length; i++) {
            args[i] = in.readBytes();
        }
        if (args.length == 0 || in.readBlockCount() != 0 || !in.readIsSet()) {
            return null;
        }
        int[] keys = readKeys(in, args.length);
        if (keys == null) {
            return null;
        }
        Command.Transaction tx = null;
        if (in.readIsSet()) {
            long id = in.readLong();
            if (!in.readIsSet()) {
                return null;
            }
            int index = in.readInt();
            if (!in.readIsSet()) {
                return null;
            }
            tx = new Command.Transaction(id, index, in.readBoolean());
        } else if (!in.readNulls(ChangeWriter.FIELDS_OF_TRANSACTION - 1)) {
            return null;
        }
        Stamp stamp = in.readNulls(ChangeWriter.FIELDS_OF_PIECE) ? readStamp(in) : null;
        return stamp == null ? null : Change.executable(null, Op.COMMAND, stamp, new Command(args, keys, tx));
    }

    /** Null if one of them is none, or they are not in one block. */
    private static int[] readKeys(AvroInput in, int args) {
        int[] keys = new int[in.readBlockCount()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = in.readInt();
            if (keys[i] < 0 || keys[i] >= args) {
                return null;
            }
        }
        return keys.length == 0 || in.readBlockCount() == 0 ? keys : null;
    }

    /** And what comes after it; null if there is something. */
    private Stamp readStamp(AvroInput in) {
        Origin origin = readOrigin(in);
        Position position = new Position(in.readLong(), in.readLong(), in.readLong());
        Position prev = new Position(in.readLong(), in.readLong(), in.readLong());
        Long asOf = readOptionalLong(in);
        Integer slot = in.readIsSet() ? boxed(in.readInt()) : null;
        Long slotEpoch = readOptionalLong(in);
        if (in.readIsSet()) {
            return null;
        }
        long tsMs = in.readLong();
        return in.readNulls(1 + ChangeWriter.FIELDS_AFTER_STAMP)
                ? new Stamp(origin, position, prev, asOf, slot, slotEpoch, null, tsMs, null)
                : null;
    }

    private Origin readOrigin(AvroInput in) {
        Known last = known;
        if (in.skip(last.encoded)) {
            return last.origin;
        }
        int start = in.position();
        Origin origin = new Origin(
                in.readString(), in.readIsSet() ? in.readString() : null, in.readIsSet() ? in.readString() : null);
        known = new Known(origin, in.since(start));
        return origin;
    }

    /** Of a slot there is none of, a box of its own. */
    private static Integer boxed(int slot) {
        return slot < 0 || slot >= Slot.COUNT ? (Integer) slot : Slot.boxed(slot);
    }

    private static Long readOptionalLong(AvroInput in) {
        return in.readIsSet() ? (Long) in.readLong() : null;
    }

    private static Flavour flavour(String text) {
        for (Flavour flavour : FLAVOURS) {
            if (flavour.text().equals(text)) {
                return flavour;
            }
        }
        return null;
    }
}
