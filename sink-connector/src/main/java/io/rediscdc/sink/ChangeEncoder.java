package io.rediscdc.sink;

import io.rediscdc.command.DatabaseNumber;
import io.rediscdc.command.ExpireTime;
import io.rediscdc.command.Flush;
import io.rediscdc.command.NewStreamIds;
import io.rediscdc.command.rebuild.StreamIds;
import io.rediscdc.model.Change;
import io.rediscdc.model.State;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.state.StateWriter;
import io.rediscdc.sink.target.BatchScript;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.RestoreSupport;
import io.rediscdc.sink.target.TargetFacts;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Turns changes into the commands that bring the target to the same state, with expire times as {@link Expiry} has them.
 * Writes into a transaction that begins in database 0. Not thread-safe.
 */
final class ChangeEncoder {

    private static final byte[] PEXPIREAT = ascii("PEXPIREAT");
    private static final byte[] REPLACE = ascii("REPLACE");
    private static final byte[] HMSET = ascii("HMSET");
    private static final byte[] FLUSHDB = ascii("FLUSHDB");

    private final CheckpointKey ours;
    private final Expiry expiry;
    private final FailureMark mark;
    private final Omissions omissions;
    private final Scripts scripts;
    private final StateWriter states;
    private final LargeValues large;
    private final StreamIds ids;
    private final DatabaseMap map;
    private int databases;
    private TargetFacts target;
    private RestoreSupport restore;
    private boolean joinsSets;

    /**
     * @param ours whose keys are to stay in database 0
     * @param mark to be carried over what takes them away
     * @param omissions gets what is left out of what is encoded
     * @param scripts brings along what is called
     * @param large for what comes in pieces
     */
    ChangeEncoder(
            CheckpointKey ours,
            Expiry expiry,
            FailureMark mark,
            Omissions omissions,
            Scripts scripts,
            StateWriter states,
            LargeValues large,
            StreamIds ids,
            DatabaseMap map) {
        this.map = map;
        this.ours = ours;
        this.expiry = expiry;
        this.mark = mark;
        this.omissions = omissions;
        this.scripts = scripts;
        this.states = states;
        this.large = large;
        this.ids = ids;
    }

    /**
     * What follows is for this target.
     *
     * @param joins whether SETs may become one MSET
     * @param newDatabases how many it has; only where some are left out
     */
    void target(TargetFacts facts, RestoreSupport taken, boolean joins, int newDatabases) {
        databases = newDatabases;
        joinsSets = joins;
        target = facts;
        restore = taken;
        states.target(facts, taken, joins);
        large.target(facts);
    }

    /**
     * Adds what the change asks for: nothing for one that only moves the position.
     *
     * @return whether the target answers the last command with 0 only if its key is not as the history has it
     */
    boolean encode(Change change, CommandBuffer out) {
        if (change.command() != null && omissions.leavesOut(change.command())) {
            return false;
        }
        if (change.command() != null) {
            if (restore.isFatal(change.command().args())) {
                omissions.omit("RESTORE of a module's value, as the target has " + restore);
                return false;
            }
            scripts.see(change, out);
        }
        switch (change.op()) {
            case SET -> {
                if (change.state().piece() != null) {
                    large.encode(change, out);
                } else {
                    out.select(change.key().db());
                    set(change, out);
                }
            }
            case DEL -> {
                out.select(change.key().db());
                out.command(2).arg(target.removal()).arg(change.key().key());
            }
            case COMMAND -> {
                out.select(change.key().db());
                return command(change, out);
            }
            case FLUSH -> flush(change, out);
            case SCRIPT, PUBLISH -> {
                out.select(change.key().db());
                out.command(change.command().args());
            }
            case FUNCTION -> {
                out.select(change.key().db());
                function(change.command().args(), out);
            }
            case SWAPDB -> swapdb(change, out);
            case SNAPSHOT_BEGIN -> large.abandon(change.stamp().origin().shard(), out);
            case SNAPSHOT_END -> large.checkNoneIsOpen(change.stamp().origin().shard());
            case HEARTBEAT -> {}
        }
        return false;
    }

    /** The change is not for this target. Of a value that it goes on with, what is there is removed. */
    void pass(Change change, CommandBuffer out) {
        if (change.state() != null && change.state().piece() != null) {
            large.abandon(change.stamp().origin().shard(), out);
        }
    }

    /** What the source executed, EXPIRE and PERSIST among it, found its key there and met its conditions. */
    private boolean command(Change change, CommandBuffer out) {
        byte[][] args = change.command().args();
        if (joinsSets && isPlainSet(args)) {
            out.set(args[1], args[2]);
            return false;
        }
        if (ids == StreamIds.DROP) {
            args = NewStreamIds.of(args);
            if (args == null) {
                return false;
            }
        }
        ExpireTime time = ExpireTime.of(args);
        if (time == null) {
            out.command(target.hasUnlink() ? args : asBeforeRedis4(args));
            return isPersist(args);
        }
        long atMs = time.atMs(expiry.executedMs(change));
        long atTarget = expiry.atTarget(change.key(), atMs);
        byte[][] untimed = target.hasSetPxat() ? null : time.withoutTime();
        if (untimed != null) {
            out.command(untimed);
            out.command(3).arg(PEXPIREAT).arg(change.key().key()).arg(atTarget);
        } else if (time.isRelative() || atTarget != atMs || (time.isRenewal() && args.length > 3)) {
            out.command(time.withAtMs(atTarget));
        } else {
            out.command(args);
        }
        return time.isRenewal();
    }

    /** What is new in Redis 4.0, by what there was before. */
    private byte[][] asBeforeRedis4(byte[][] args) {
        byte[] name = name(args[0], args.length, target);
        if (name == args[0]) {
            return args;
        }
        byte[][] renamed = args.clone();
        renamed[0] = name;
        return renamed;
    }

    /** The name under which a target knows a command of so many arguments, the name included. */
    static byte[] name(byte[] name, int args, TargetFacts target) {
        if (target.hasUnlink()) {
            return name;
        }
        return isUnlink(name) ? target.removal() : isWideHset(name, args) ? HMSET : name;
    }

    private void set(Change change, CommandBuffer out) {
        byte[] key = change.key().key();
        State state = change.state();
        Long expireAtMs = state.expireAtMs() == null ? null : expiry.atTarget(change.key(), state.expireAtMs());
        states.write(key, state, expireAtMs, out);
    }

    /**
     * A library is a state: loading it where it is already must not fail, so LOAD and RESTORE replace. (The source
     * executed them without, because there it was new; deleting it later says so in the history as well.)
     */
    private static void function(byte[][] args, CommandBuffer out) {
        String subcommand = args.length > 2 ? upper(args[1]) : "";
        if (subcommand.equals("LOAD") && !upper(args[2]).equals("REPLACE")) {
            out.command(args.length + 1).arg(args[0]).arg(args[1]).arg(REPLACE);
            for (int i = 2; i < args.length; i++) {
                out.arg(args[i]);
            }
        } else if (subcommand.equals("RESTORE")
                && (args.length == 3 || upper(args[3]).equals("APPEND"))) {
            out.command(4).arg(args[0]).arg(args[1]).arg(args[2]).arg(REPLACE);
        } else {
            out.command(args);
        }
    }

    private void flush(Change change, CommandBuffer out) {
        byte[][] args = change.command().args();
        if (upper(args[0]).equals(BatchScript.FLUSH_SLOTS)) {
            out.command(args);
            return;
        }
        boolean all = Flush.isOfAllDatabases(args);
        // SYNC or ASYNC; what is left is the former.
        byte[][] known = target.hasFlushModes() ? args : new byte[][] {args[0]};
        if (all && map.dropsSome()) {
            known = known.clone();
            known[0] = FLUSHDB;
            for (int db = 0; db < databases; db++) {
                if (map.isTarget(db)) {
                    flush(db, known, out);
                }
            }
        } else {
            flush(all ? 0 : change.key().db(), known, out);
        }
    }

    private void flush(int wanted, byte[][] args, CommandBuffer out) {
        out.select(wanted);
        executeIn(wanted, args, out);
    }

    /** What the mark keeps in database 0 outlives the command. */
    private void executeIn(int wanted, byte[][] args, CommandBuffer out) {
        if (wanted == 0 && mark.isUsed()) {
            mark.carryOver(out, args);
        } else {
            out.command(args);
        }
    }

    /** What is ours stays in database 0: what goes to the other one with its content is deleted there. */
    private void swapdb(Change change, CommandBuffer out) {
        byte[][] args = change.command().args();
        int first = DatabaseNumber.at(args, 1);
        int second = DatabaseNumber.at(args, 2);
        int other = first == 0 ? second : second == 0 ? first : 0;
        int wanted = other != 0 ? 0 : change.key().db();
        out.select(wanted);
        executeIn(wanted, args, out);
        if (other != 0) {
            out.select(other);
            out.command(4)
                    .arg(target.removal())
                    .arg(ours.bytes())
                    .arg(ours.repairs())
                    .arg(ours.scripts());
        }
    }

    /** Without options. */
    private static boolean isPlainSet(byte[][] args) {
        return args.length == 3
                && args[0].length == 3
                && (args[0][0] | 0x20) == 's'
                && (args[0][1] | 0x20) == 'e'
                && (args[0][2] | 0x20) == 't';
    }

    private static boolean isUnlink(byte[] name) {
        return name.length == 6 && upper(name).equals("UNLINK");
    }

    /** HSET of several fields. */
    private static boolean isWideHset(byte[] name, int args) {
        return args > 4 && name.length == 4 && upper(name).equals("HSET");
    }

    private static boolean isPersist(byte[][] args) {
        return args.length == 2 && args[0].length == 7 && upper(args[0]).equals("PERSIST");
    }

    private static String upper(byte[] arg) {
        // Of a library's source only the beginning is looked at: no subcommand or option is that long.
        return new String(arg, 0, Math.min(arg.length, 16), StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
