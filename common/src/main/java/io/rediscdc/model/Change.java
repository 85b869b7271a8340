package io.rediscdc.model;

/**
 * One record of a shard's history. Immutable by agreement: byte arrays are shared, not copied.
 *
 * @param state of {@link Op#SET}, else null
 * @param command of every op that {@link Op#isExecutable()}, else null
 * @param snapshot of {@link Op#SNAPSHOT_BEGIN}, {@link Op#SNAPSHOT_END} and the heartbeat that tells of a promotion, else null
 */
public record Change(ChangeKey key, Op op, Stamp stamp, State state, Command command, SnapshotMark snapshot) {

    public Change {
        if ((op == Op.SET) != (state != null)
                || op.isExecutable() != (command != null)
                || (op != Op.HEARTBEAT && (op == Op.SNAPSHOT_BEGIN || op == Op.SNAPSHOT_END) != (snapshot != null))) {
            throw new IllegalArgumentException("a change with op " + op.text() + " and the parts of another");
        }
    }

    public static Change set(ChangeKey key, Stamp stamp, State state) {
        return new Change(key, Op.SET, stamp, state, null, null);
    }

    public static Change del(ChangeKey key, Stamp stamp) {
        return new Change(key, Op.DEL, stamp, null, null, null);
    }

    /** A command, or a keyspace-wide event with the command that is it. */
    public static Change executable(ChangeKey key, Op op, Stamp stamp, Command command) {
        return new Change(key, op, stamp, null, command, null);
    }

    public static Change snapshot(ChangeKey key, Op op, Stamp stamp, SnapshotMark mark) {
        return new Change(key, op, stamp, null, null, mark);
    }

    public static Change heartbeat(ChangeKey key, Stamp stamp) {
        return new Change(key, Op.HEARTBEAT, stamp, null, null, null);
    }

    /** The same of another key; a record's value alone does not say of which. */
    public Change of(ChangeKey other) {
        return new Change(other, op, stamp, state, command, snapshot);
    }
}
