package io.rediscdc.sink.expiry;

/**
 * Whether the target can have let a key go, by its own clock or for want of memory, since the flow had caught up last. Where it
 * says that it has not, nobody needs to look, one by one, whether the keys are there that the history goes on from. Not
 * thread-safe.
 *
 * <p>The count comes with the replies to a batch, after its commands: a command that meets a key whose time has passed
 * removes it, so that the count of its own batch tells.
 */
public final class Losses {

    /** Of the server connected to; null if it does not count. */
    private LossCount now;

    /** When the flow had caught up last; null if that is not known, or if keys have gone since. */
    private LossCount atRest;

    /** A connection was made to a server that counts so, or not at all: null. */
    public void connected(LossCount newNow) {
        now = newNow;
        compare();
    }

    /** Begins where a checkpoint stands, on that connection. */
    public void startAt(LossCount atCheckpoint) {
        atRest = atCheckpoint;
        compare();
    }

    /**
     * A batch has been executed.
     *
     * @param stats what INFO said after it
     * @param caughtUp whether what has gone until then was the target's to remove
     */
    public void executed(String stats, boolean caughtUp) {
        now = LossCount.of(now.run(), stats);
        if (caughtUp) {
            atRest = now;
        } else {
            compare();
        }
    }

    private void compare() {
        if (now == null || !now.equals(atRest)) {
            atRest = null;
        }
    }

    /** Whether the server counts. */
    public boolean areCounted() {
        return now != null;
    }

    /** Whether no key has gone, as of the last batch. */
    public boolean areRuledOut() {
        return atRest != null;
    }

    /** The count beyond which none has gone; null if that is not known, or some have. */
    public LossCount atRest() {
        return atRest;
    }
}
