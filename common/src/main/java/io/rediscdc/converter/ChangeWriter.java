package io.rediscdc.converter;

import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import java.nio.charset.StandardCharsets;

/**
 * Writes the changes that are frequent (states with a dump, deletions, commands; none of them in pieces) as
 * {@link AvroType.RecordType} writes their structs, byte for byte, without the structs: most fields of a record are null, and
 * the rest need no boxes. Threads may share it: any may lose the other's notes, which costs time only.
 */
final class ChangeWriter {

    // How many fields of the schema stand one after the other that a change has all or none of.
    static final int FIELDS_OF_STATE = 13;
    static final int ELEMENTS_OF_STATE = 6;
    static final int FIELDS_OF_COMMAND = 5;
    static final int FIELDS_OF_TRANSACTION = 3;
    static final int FIELDS_OF_PIECE = 4;
    static final int FIELDS_AFTER_STAMP = 7;

    private final Names ops = new Names();
    private final Names types = new Names();
    private final Names flavours = new Names();

    /** Of the record before: a shard's records have the same for as long as a connection lasts. */
    private Known known = new Known(null, null);

    private record Known(Origin origin, byte[] encoded) {}

    /** Whether it is one of those. */
    static boolean isFrequent(Change change) {
        Stamp stamp = change.stamp();
        if (stamp.sites() != null || stamp.slots() != null) {
            return false;
        }
        return switch (change.op()) {
            case SET -> change.state().dump() != null;
            case COMMAND -> change.command().piece() == null;
            case DEL -> true;
            default -> false;
        };
    }

    /** Writes a frequent change's value: all fields of the schema in their order. */
    void write(Change change, AvroOutput out) {
        out.writeBytes(ops.encode(change.op().text()));
        if (change.state() == null) {
            out.writeNulls(FIELDS_OF_STATE);
        } else {
            writeState(change.state(), out);
        }
        if (change.command() == null) {
            out.writeNulls(FIELDS_OF_COMMAND);
        } else {
            writeCommand(change.command(), out);
        }
        out.writeNulls(FIELDS_OF_PIECE);
        writeStamp(change.stamp(), out);
        out.writeNulls(FIELDS_AFTER_STAMP);
    }

    private void writeState(State state, AvroOutput out) {
        out.writeIsSet();
        out.writeBytes(types.encode(state.type()));
        out.writeIsSet();
        out.writeBytes(state.dump());
        out.writeIsSet();
        out.writeBytes(flavours.encode(state.flavour().text()));
        out.writeIsSet();
        out.writeLong(state.rdbVersion());
        out.writeNulls(ELEMENTS_OF_STATE);
        writeOptional(state.idle(), out);
        writeOptional(state.freq(), out);
        writeOptional(state.expireAtMs(), out);
    }

    private static void writeCommand(Command command, AvroOutput out) {
        byte[][] args = command.args();
        out.writeIsSet();
        if (args.length > 0) {
            out.writeLong(args.length);
            for (byte[] arg : args) {
                out.writeBytes(arg);
            }
        }
        out.writeByte(0);
        int[] keys = command.keys();
        out.writeIsSet();
        if (keys.length > 0) {
            out.writeLong(keys.length);
            for (int key : keys) {
                out.writeLong(key);
            }
        }
        out.writeByte(0);
        Command.Transaction tx = command.tx();
        if (tx == null) {
            out.writeNulls(FIELDS_OF_TRANSACTION);
        } else {
            out.writeIsSet();
            out.writeLong(tx.id());
            out.writeIsSet();
            out.writeLong(tx.index());
            out.writeIsSet();
            out.writeByte(tx.last() ? 1 : 0);
        }
    }

    private void writeStamp(Stamp stamp, AvroOutput out) {
        out.writeRaw(encoded(stamp.origin()));
        writePosition(stamp.position(), out);
        writePosition(stamp.prev(), out);
        writeOptional(stamp.asOf(), out);
        writeOptional(stamp.slot(), out);
        writeOptional(stamp.slotEpoch(), out);
        out.writeNulls(1); // slots
        out.writeLong(stamp.tsMs());
        out.writeNulls(1); // sites
    }

    private static void writePosition(Position position, AvroOutput out) {
        out.writeLong(position.epoch());
        out.writeLong(position.offset());
        out.writeLong(position.index());
    }

    private byte[] encoded(Origin origin) {
        Known last = known;
        if (!origin.equals(last.origin)) {
            AvroOutput out = new AvroOutput();
            out.writeBytes(utf8(origin.shard()));
            writeOptional(origin.node(), out);
            writeOptional(origin.replid(), out);
            last = new Known(origin, out.toBytes());
            known = last;
        }
        return last.encoded;
    }

    private static void writeOptional(Number value, AvroOutput out) {
        if (value == null) {
            out.writeNulls(1);
        } else {
            out.writeIsSet();
            out.writeLong(value.longValue());
        }
    }

    private static void writeOptional(String value, AvroOutput out) {
        if (value == null) {
            out.writeNulls(1);
        } else {
            out.writeIsSet();
            out.writeBytes(utf8(value));
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
