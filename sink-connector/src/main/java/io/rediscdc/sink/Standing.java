package io.rediscdc.sink;

import java.util.function.BiFunction;

/** What the target is known to hold, and what has been taken beyond it. Not thread-safe. */
final class Standing implements AutoCloseable {

    /** Null until the checkpoint has been claimed. */
    private Checkpoint durable;

    private Progress progress;

    boolean isClaimed() {
        return durable != null;
    }

    /** What the target is known to hold. */
    Checkpoint durable() {
        return durable;
    }

    /** Whether the flow has applied nothing. */
    boolean isAtBegin() {
        return durable.offset() == Checkpoint.NOTHING;
    }

    /** What has been taken. */
    Progress progress() {
        return progress;
    }

    /**
     * Begins where a checkpoint stands, and forgets what has been taken.
     *
     * @param exclusive as in {@link Progress#Progress}
     * @param opener as there
     */
    void startAt(Checkpoint checkpoint, boolean exclusive, BiFunction<String, ShardPoint, Shard> opener) {
        durable = checkpoint;
        close();
        progress = new Progress(checkpoint, exclusive, opener);
    }

    /** The target has what the checkpoint says. */
    void reach(Checkpoint applied) {
        durable = applied;
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
