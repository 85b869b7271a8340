package io.rediscdc.sink.expiry;

import io.rediscdc.command.CommandKind;
import io.rediscdc.command.CommandSpec;
import io.rediscdc.command.CommandTable;
import io.rediscdc.command.DatabaseNumber;
import io.rediscdc.command.OtherDatabase;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import java.util.HashSet;
import java.util.Set;

/**
 * Sees to it that the history decides when a key dies, and not the target's clock. While a flow is behind, an expire time
 * that it applies may have passed although the history goes on to renew it: such times are lifted out of reach
 * ({@link Lift}) until the flow has caught up. A key that expires at the source is deleted by the history anyway.
 *
 * <p>A flow is behind from the beginning of a snapshot to its end, and while what it applies was received at the source
 * more than {@value #BEHIND_MS} ms ago, by the clocks of the two workers. Of several shards, one snapshot is enough. Not
 * thread-safe.
 *
 * <p>A source that is no replica sends states and nothing else. Each has the time at which its key is to die, whatever was
 * before, and nobody may follow that says so: those times are taken as they are.
 */
public final class Expiry {

    static final long BEHIND_MS = 1_000;

    /** A time that is nearer than this is lifted also by a flow that is not behind: the history will delete the key. */
    static final long NEAR_MS = 100;

    private final LiftedKeys lifted = new LiftedKeys();
    private final Set<String> openSnapshots = new HashSet<>();
    private TtlState state = TtlState.MIXED;
    private boolean behind = true;
    private boolean ofStates;
    private long nowMs;

    /** Of the change seen last. */
    private long latenessMs;

    /**
     * Begins where a checkpoint stands. Whether the flow is behind is not known before its next record is seen.
     *
     * @param newOpenSnapshots shards that have a snapshot open
     */
    public void startAt(TtlState newState, Set<String> newOpenSnapshots) {
        state = newState;
        openSnapshots.clear();
        openSnapshots.addAll(newOpenSnapshots);
        behind = true;
        if (state == TtlState.EXACT) {
            lifted.lookingEverywhere();
        } else {
            lifted.loseTrack();
        }
    }

    /** What time it is for what comes next, ms since 1970. */
    public void now(long newNowMs) {
        nowMs = newNowMs;
    }

    public long nowMs() {
        return nowMs;
    }

    /** Sees what is applied next. */
    public void see(Change change) {
        Op op = change.op();
        ofStates = change.stamp().origin().replid() == null;
        if (op == Op.SNAPSHOT_BEGIN) {
            openSnapshots.add(change.stamp().origin().shard());
            if (!ofStates) {
                state = TtlState.LIFTED;
                lifted.loseTrack();
            }
        } else if (op == Op.SNAPSHOT_END) {
            openSnapshots.remove(change.stamp().origin().shard());
        }
        latenessMs = nowMs - change.stamp().tsMs();
        behind = !openSnapshots.isEmpty() || latenessMs > BEHIND_MS;
        if (behind && state == TtlState.EXACT) {
            state = TtlState.MIXED;
        }
        if (state != TtlState.EXACT && change.command() != null) {
            follow(change.key().db(), change.command(), op);
        }
    }

    /** A lifted time may come to another key, or to another database. */
    private void follow(int db, Command command, Op op) {
        byte[][] args = command.args();
        CommandSpec spec = CommandTable.standard().spec(args);
        int other = OtherDatabase.index(args);
        if (op == Op.SWAPDB || spec.kind() == CommandKind.EVAL) {
            lifted.loseTrack();
        } else if (other != OtherDatabase.NONE) {
            lifted.add(new ChangeKey(DatabaseNumber.at(args, other), args[OtherDatabase.isMove(args) ? 1 : 2]));
        } else if (command.keys().length > 1) {
            for (int key : command.keys()) {
                lifted.add(new ChangeKey(db, args[key]));
            }
        }
    }

    /** The expire time to give a key at the target in place of the source's. */
    public long atTarget(ChangeKey key, long atMs) {
        if (ofStates) {
            return atMs;
        }
        if (behind) {
            lifted.add(key);
            return Lift.up(atMs);
        }
        return atMs <= nowMs + NEAR_MS ? Lift.up(atMs) : atMs;
    }

    /**
     * From when on a relative time counts in a change: in a large command of a server before 7.0. What was received long ago says
     * only that it is not newer; a key that expires is deleted by the history, and must not be gone before.
     */
    public long executedMs(Change change) {
        return behind ? Math.max(nowMs, change.stamp().tsMs()) : change.stamp().tsMs();
    }

    /** Whether what is applied was received at the source a while ago. */
    public boolean isBehind() {
        return behind;
    }

    /** Whether the target lets keys die when the source does, but for a moment: what goes now is to go. */
    public boolean isAtRest() {
        return !behind && state == TtlState.EXACT && latenessMs <= NEAR_MS;
    }

    /** Whether keys may be missing at the target that the history still needs. */
    public boolean isRisky() {
        return behind && state == TtlState.MIXED;
    }

    /** Whether lifted times are to be brought down. */
    public boolean isTighteningDue() {
        return !behind && state != TtlState.EXACT;
    }

    /** Whether a time found at the target is to be brought down now, rather than left for the history to delete its key. */
    public boolean isToBeTightened(long atTargetMs) {
        return Lift.isUp(atTargetMs) && Lift.down(atTargetMs) > nowMs + NEAR_MS;
    }

    /** Lifted times are being brought down. */
    public void tightening() {
        state = TtlState.MIXED;
    }

    /** None is left. */
    public void tightened() {
        state = TtlState.EXACT;
    }

    public LiftedKeys lifted() {
        return lifted;
    }

    public TtlState state() {
        return state;
    }
}
