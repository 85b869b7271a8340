package io.rediscdc.sink;

/**
 * A key whose state is to be asked of the source, and what its answer has to be newer than. Not thread-safe.
 *
 * <p>Between the histories of shards there is no order, so it is told by the clocks of the workers that read them: an answer has
 * the time at which it was asked for, and every other record that at which it was received, and that is after it was executed.
 */
final class Debt {

    /** By how much the clocks of the source's workers may differ, ms. */
    static final long CLOCKS_DIFFER_MS = 2_000;

    private static final long ASK_AGAIN_MS = 30_000;

    /** For how long it is left to the writer whose key it is: twice as long as that one takes to ask again. */
    private static final long LEFT_MS = 2 * ASK_AGAIN_MS;

    /** Whether the histories of several shards are at odds, so that only an answer can settle it. */
    private boolean outOfView;

    /** The shard of which a record of the key was seen last, null where none matters. */
    private String shard;

    private long shardMs = Long.MIN_VALUE;
    private long othersMs = Long.MIN_VALUE;
    /** When it was asked for last, ms since 1970; whether something has come since that the answer may not have. */
    private long askedMs = Long.MIN_VALUE;

    private boolean stale;

    /** Since when another writer is expected to ask for it, ms since 1970. */
    private long leftMs = Long.MIN_VALUE;

    /** Whether the key is on its way from shard to shard, so that no answer can settle it. */
    private boolean arriving;

    /** Of a key that differs at the target. */
    static Debt ofDifference() {
        return new Debt();
    }

    /** Of one of which nothing is known but that no record after that time was seen. */
    static Debt since(long seenMs) {
        Debt debt = new Debt();
        debt.outOfView = true;
        debt.othersMs = seenMs;
        return debt;
    }

    boolean isOutOfView() {
        return outOfView;
    }

    /** A record of the key came that is not applied. */
    void outOfView(String from, long tsMs, long seenOfOthersMs) {
        if (!outOfView) {
            outOfView = true;
            othersMs = seenOfOthersMs;
            shard = from;
        }
        see(from, tsMs);
    }

    /** A record of the key came. */
    void see(String from, long tsMs) {
        if (!outOfView) {
            return;
        }
        if (!from.equals(shard)) {
            othersMs = Math.max(othersMs, shardMs);
            shard = from;
            shardMs = tsMs;
            stale = true;
        } else {
            shardMs = Math.max(shardMs, tsMs);
        }
    }

    /** Another shard gets the key, with its slot: until it has, it is no use to ask. */
    void arriving() {
        arriving = true;
    }

    /** That is over, whether the shard has it now or not: only what is newer settles it. */
    void arrived(String at, long tsMs) {
        arriving = false;
        see(at, tsMs);
        stale = true;
    }

    /** Whether a state of that shard settles it; if not, it is asked for anew. */
    boolean isSettledBy(String from, long tsMs) {
        long others = from.equals(shard) ? othersMs : Math.max(othersMs, shardMs);
        boolean settled = !outOfView || others == Long.MIN_VALUE || tsMs - CLOCKS_DIFFER_MS > others;
        stale |= !settled;
        return settled;
    }

    /** Whether it should be asked for. */
    boolean isDue(long nowMs) {
        return !arriving
                && (askedMs == Long.MIN_VALUE || nowMs - askedMs > (stale ? CLOCKS_DIFFER_MS : ASK_AGAIN_MS))
                && (othersMs == Long.MIN_VALUE || nowMs - CLOCKS_DIFFER_MS > othersMs);
    }

    /**
     * Whether one that is due should be asked for although the key is another writer's: only if nothing has come of that for
     * long, since the other one may be down, or have found settled what is not settled here.
     */
    boolean isNeglected(long nowMs) {
        leftMs = leftMs == Long.MIN_VALUE ? nowMs : leftMs;
        return nowMs - leftMs > LEFT_MS;
    }

    void asked(long nowMs) {
        askedMs = nowMs;
        leftMs = nowMs;
        stale = false;
    }
}
