package io.rediscdc.sink;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandTable;
import io.rediscdc.command.DatabaseNumber;
import io.rediscdc.command.OtherDatabase;
import io.rediscdc.config.RepairConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * What of a record is to be executed where databases have other numbers at the target than at the source, or are left out. The
 * record's key has the target's number already ({@link DatabaseMap#change}); this is about the numbers among the arguments. Not
 * thread-safe.
 */
final class DatabaseRouting {

    private static final byte[] DEL = "DEL".getBytes(StandardCharsets.US_ASCII);

    private final DatabaseMap map;
    private final Divergences divergences;
    private final Predicate<byte[]> isOurs;
    private final WriterMetrics metrics;

    /** @param isOurs whether a key is written by this writer, and by no other one */
    DatabaseRouting(DatabaseMap map, Divergences divergences, Predicate<byte[]> isOurs, WriterMetrics metrics) {
        this.map = map;
        this.divergences = divergences;
        this.isOurs = isOurs;
        this.metrics = metrics;
    }

    /**
     * What is to be executed.
     *
     * @return the record, another one in its place, or null for nothing
     * @throws RedisCdcException UNSUPPORTED or CONFIG if it cannot be told what the target should have then
     */
    Delivery route(Delivery next) {
        if (map.isIdentity()) {
            return next;
        }
        Change change = next.change();
        return switch (change.op()) {
            case SET, DEL, FLUSH -> isDropped(change) ? dropped(change) : next;
            case COMMAND -> command(next);
            case SWAPDB -> swap(next);
            case FUNCTION, SCRIPT, PUBLISH, SNAPSHOT_BEGIN, SNAPSHOT_END, HEARTBEAT -> next;
        };
    }

    /**
     * Whether a command that is sent piece by piece is left out.
     *
     * @throws RedisCdcException UNSUPPORTED if it is to be known as a whole
     */
    boolean drops(Change streamed) {
        if (map.isIdentity() || streamed.op() != Op.COMMAND) {
            return false;
        }
        byte[][] args = streamed.command().args();
        checkNoScript(args, "it");
        if (OtherDatabase.mayBeNamed(args)) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "with " + SinkConfig.DB_MAP + " a command that names a database has to be held; raise"
                            + " transaction.max.bytes, and the worker's heap");
        }
        return isDropped(streamed);
    }

    private static boolean isDropped(Change change) {
        return change.key().db() == DatabaseMap.DROPPED;
    }

    private Delivery dropped(Change change) {
        if (isOurs.test(change.key().key())) {
            metrics.dropped();
        }
        return null;
    }

    private Delivery command(Delivery next) {
        Change change = next.change();
        byte[][] args = change.command().args();
        checkNoScript(args, "the record at " + next.place());
        int index = OtherDatabase.index(args);
        if (index == OtherDatabase.NONE) {
            return isDropped(change) ? dropped(change) : next;
        }
        int named = DatabaseNumber.at(args, index);
        int other = map.atTarget(named);
        boolean isMove = OtherDatabase.isMove(args);
        if (other == DatabaseMap.DROPPED) {
            return isDropped(change) || !isMove ? dropped(change) : deletion(next);
        }
        if (isDropped(change)) {
            owe(next, new ChangeKey(other, args[isMove ? 1 : 2]));
            return null;
        }
        return other == named ? next : with(next, index, other);
    }

    private static void checkNoScript(byte[][] args, String what) {
        if (CommandTable.standard().spec(args).kind() == CommandKind.EVAL) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    what
                            + " is a script as such, as servers before Redis 5 replicate them: which databases it selects is"
                            + " not known, and so not which ones " + SinkConfig.DB_MAP + " makes of them");
        }
    }

    /** The key has come from where nothing is replicated: only the source knows what it holds. */
    private void owe(Delivery next, ChangeKey arrived) {
        if (!divergences.areRepaired()) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the record at " + next.place() + " brings a key from a database that " + SinkConfig.DB_MAP
                            + " leaves out (" + map.dropped()
                            + "): its state has to be asked of the source. Set " + RepairConfig.BOOTSTRAP_SERVERS
                            + " at both connectors and restart the task");
        }
        if (isOurs.test(arrived.key())) {
            divergences.found(arrived);
        }
    }

    /** The key has gone where nothing is written to. */
    private static Delivery deletion(Delivery next) {
        Command moved = next.change().command();
        return executing(next, new Command(new byte[][] {DEL, moved.args()[1]}, new int[] {1}, moved.tx()));
    }

    private static Delivery with(Delivery next, int index, int db) {
        Command command = next.change().command();
        return executing(next, new Command(withNumber(command.args(), index, db), command.keys(), command.tx()));
    }

    private Delivery swap(Delivery next) {
        Command command = next.change().command();
        byte[][] args = command.args();
        int first = map.atTarget(DatabaseNumber.at(args, 1));
        int second = map.atTarget(DatabaseNumber.at(args, 2));
        if (first == DatabaseMap.DROPPED && second == DatabaseMap.DROPPED) {
            return dropped(next.change());
        }
        if (first == DatabaseMap.DROPPED || second == DatabaseMap.DROPPED) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "the record at " + next.place() + " is a SWAPDB of a database with one that " + SinkConfig.DB_MAP
                            + " leaves out (" + map.dropped()
                            + "): what the other one holds then was never replicated. Let the source make a new snapshot,"
                            + " then " + Rewind.HOW);
        }
        return executing(
                next, new Command(withNumber(withNumber(args, 1, first), 2, second), command.keys(), command.tx()));
    }

    private static byte[][] withNumber(byte[][] args, int index, int db) {
        byte[][] changed = args.clone();
        changed[index] = Integer.toString(db).getBytes(StandardCharsets.US_ASCII);
        return changed;
    }

    private static Delivery executing(Delivery next, Command command) {
        Change change = next.change();
        return next.with(Change.executable(change.key(), change.op(), change.stamp(), command));
    }
}
