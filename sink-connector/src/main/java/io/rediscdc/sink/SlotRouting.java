package io.rediscdc.sink;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.CommandTable;
import io.rediscdc.command.DatabaseNumber;
import io.rediscdc.command.Flush;
import io.rediscdc.command.OtherDatabase;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.sink.target.BatchScript;
import io.rediscdc.sink.target.LongCommand;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What of a record one part of a cluster is to execute. Not thread-safe. */
final class SlotRouting {

    private static final int[] NO_KEYS = {};
    private static final ChangeKey NOBODYS = new ChangeKey(0, new byte[0]);
    private static final byte[] FLUSH_SLOTS = BatchScript.FLUSH_SLOTS.getBytes(StandardCharsets.US_ASCII);

    private final SlotShare share;
    private final CrossSlotPolicy policy;
    private final Divergences divergences;
    private final DatabaseMap databases;

    SlotRouting(SlotShare share, CrossSlotPolicy policy, Divergences divergences, DatabaseMap databases) {
        this.databases = databases;
        this.share = share;
        this.policy = policy;
        this.divergences = divergences;
    }

    /**
     * What is to be executed here.
     *
     * @return the record, another one in its place, or null for nothing
     * @throws RedisCdcException CONFIG or UNSUPPORTED if it cannot be executed at a cluster
     */
    Delivery route(Delivery next) {
        Change change = next.change();
        return switch (change.op()) {
            case SET, DEL -> share.takes(FirstSlot.of(change), change.stamp()) ? inDatabase0(next) : null;
            case COMMAND -> command(next);
            case FLUSH -> flush(next);
            case PUBLISH -> takes(change, change.command().args()[1]) ? nobodys(next, change.command()) : null;
            case FUNCTION -> nobodys(next, change.command());
            case SCRIPT -> null; // what would call them is refused
            case SWAPDB ->
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "the record at " + next.place() + " is a SWAPDB, and a cluster has one database only");
            case SNAPSHOT_BEGIN, SNAPSHOT_END, HEARTBEAT -> next;
        };
    }

    /** A record in place of one that is not executed here: it only moves the position, and keeps nothing in memory. */
    static Delivery passed(Delivery delivery) {
        return new Delivery(
                delivery.partition(),
                delivery.offset(),
                Change.heartbeat(NOBODYS, delivery.change().stamp()));
    }

    /** Whether a record, as {@link #route} returned it, is for some of these slots; null if for others, too. */
    static Boolean isFor(Change change, SlotRanges slots) {
        return switch (change.op()) {
            case SET, DEL -> slots.contains(Slot.of(change.key().key()));
            case COMMAND -> {
                Boolean isFor = null;
                for (int key : change.command().keys()) {
                    boolean is = slots.contains(Slot.of(change.command().args()[key]));
                    if (isFor != null && isFor != is) {
                        yield null;
                    }
                    isFor = is;
                }
                yield isFor;
            }
            case FLUSH -> null;
            default -> false;
        };
    }

    private boolean takes(Change change, byte[] key) {
        return share.takes(Slot.of(key), change.stamp());
    }

    private Delivery inDatabase0(Delivery next) {
        if (next.change().key().db() != 0) {
            throw otherDatabase(next, "is of", next.change().key().db());
        }
        return next;
    }

    private RedisCdcException otherDatabase(Delivery next, String what, int db) {
        int source = databases.atSource(db);
        return new RedisCdcException(
                Category.CONFIG,
                "the record at " + next.place() + " " + what + " database " + source
                        + (source == db ? "" : ", which is " + db + " at the target")
                        + ", and a cluster has database 0 only; leave it out with " + SinkConfig.DB_MAP + "=" + source
                        + ":drop, put it into 0 with " + SinkConfig.DB_MAP + "=" + source
                        + ":0,0:drop, or replicate this source to a server that is no cluster");
    }

    private Delivery command(Delivery next) {
        Change change = next.change();
        byte[][] args = change.command().args();
        int[] keys = change.command().keys();
        if (keys.length == 0 || mayBeScript(args[0])) {
            check(next);
        }
        int other = OtherDatabase.index(args);
        if (other != OtherDatabase.NONE && DatabaseNumber.at(args, other) != 0) {
            throw otherDatabase(next, "brings a key to", DatabaseNumber.at(args, other));
        }
        int slot = FirstSlot.of(change);
        for (int i = 1; i < keys.length; i++) {
            if (Slot.of(args[keys[i]]) != slot) {
                return acrossSlots(next);
            }
        }
        if (!share.takes(slot, change.stamp())) {
            return null;
        }
        if (args.length > BatchScript.MAX_ARGS && !canBeCut(args)) {
            return reread(next, "has " + args.length + " arguments, too many for a script");
        }
        return inDatabase0(next);
    }

    private static boolean mayBeScript(byte[] name) {
        return (name[0] | 0x20) == 'e' || (name[0] | 0x20) == 'f';
    }

    private static void check(Delivery next) {
        Command command = next.change().command();
        CommandSpec spec = CommandTable.standard().spec(command.args());
        if (command.keys().length == 0 || spec.kind() == CommandKind.EVAL) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "the record at " + next.place() + " is the command " + spec.name()
                            + (spec.kind() == CommandKind.EVAL
                                    ? ", a script as such, as servers before Redis 5 replicate them: which keys it writes"
                                            + " is not known, and so not which nodes of a cluster have to execute it"
                                    : ", of which no key is known, and so not which node of a cluster has to execute it"));
        }
    }

    private static boolean canBeCut(byte[][] args) {
        String name = new String(args[0], StandardCharsets.ISO_8859_1);
        return LongCommand.of(name) != null
                || name.equalsIgnoreCase("DEL")
                || name.equalsIgnoreCase("UNLINK")
                || name.equalsIgnoreCase("MSET");
    }

    private Delivery acrossSlots(Delivery next) {
        inDatabase0(next);
        Change change = next.change();
        return switch (CommandTable.standard().spec(change.command().args()).name()) {
            case "del", "unlink" -> narrowed(next, 1);
            case "mset" -> narrowed(next, 2);
            default -> reread(next, "has keys of several slots");
        };
    }

    /** With those of its keys that are of this part, and what belongs to each. */
    private Delivery narrowed(Delivery next, int group) {
        Change change = next.change();
        byte[][] args = change.command().args();
        List<byte[]> kept = new ArrayList<>();
        kept.add(args[0]);
        for (int key : change.command().keys()) {
            if (takes(change, args[key])) {
                for (int i = 0; i < group; i++) {
                    kept.add(args[key + i]);
                }
            }
        }
        if (kept.size() == 1) {
            return null;
        }
        int[] keys = new int[(kept.size() - 1) / group];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = 1 + i * group;
        }
        Command command =
                new Command(kept.toArray(byte[][]::new), keys, change.command().tx());
        ChangeKey key = new ChangeKey(change.key().db(), command.args()[1]);
        return next.with(Change.executable(key, Op.COMMAND, change.stamp(), command));
    }

    /** In place of the command, the states of its keys are asked of the source. */
    private Delivery reread(Delivery next, String why) {
        Command command = next.change().command();
        String name = CommandTable.standard().spec(command.args()).name();
        if (policy == CrossSlotPolicy.FAIL || !divergences.areRepaired()) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "the record at " + next.place() + " is a command (" + name + ") that " + why
                            + ", so that a cluster does not execute it. To have the states of its keys asked of the source"
                            + " instead, set "
                            + (policy == CrossSlotPolicy.FAIL
                                    ? SinkConfig.CROSS_SLOT_POLICY + "=reread"
                                    : "repair.bootstrap.servers here and there"));
        }
        for (int key : command.keys()) {
            if (takes(next.change(), command.args()[key])) {
                divergences.found(new ChangeKey(0, command.args()[key]));
            }
        }
        return null;
    }

    private Delivery flush(Delivery next) {
        Change change = next.change();
        if (!Flush.isOfAllDatabases(change.command().args())) {
            inDatabase0(next);
        } else if (!databases.isTarget(0)) {
            return null;
        }
        String slots = share.taking(change.stamp());
        if (slots.isEmpty()) {
            return null;
        }
        byte[][] args = {FLUSH_SLOTS, slots.getBytes(StandardCharsets.US_ASCII)};
        return nobodys(next, new Command(args, NO_KEYS, change.command().tx()));
    }

    /** Of no key, and so of database 0. */
    private static Delivery nobodys(Delivery next, Command command) {
        Change change = next.change();
        return next.with(Change.executable(new ChangeKey(0, change.key().key()), change.op(), change.stamp(), command));
    }
}
