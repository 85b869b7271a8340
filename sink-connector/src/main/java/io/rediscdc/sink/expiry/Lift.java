package io.rediscdc.sink.expiry;

/**
 * Moves an expire time out of reach and back. A lifted time says itself what it was, so that it stays true of a key that is
 * renamed, copied, moved or written by a task that is no more: the time plus 2^46 ms, which is more than two thousand
 * years.
 */
public final class Lift {

    private static final long HEIGHT = 1L << 46;

    /** Later times, from the year 2527 on, are far enough away as they are. */
    private static final long END = 1L << 44;

    private Lift() {}

    /**
     * Lifts a time.
     *
     * @param atMs ms since 1970
     */
    public static long up(long atMs) {
        if (atMs < END) {
            return HEIGHT + Math.max(0, atMs);
        }
        // One of the year 4199 that would look like a lifted one is said not to be: it comes a little earlier.
        return isUp(atMs) ? HEIGHT - 1 : atMs;
    }

    public static boolean isUp(long atMs) {
        return atMs >= HEIGHT && atMs < HEIGHT + END;
    }

    /** What was lifted. */
    public static long down(long liftedMs) {
        return liftedMs - HEIGHT;
    }
}
