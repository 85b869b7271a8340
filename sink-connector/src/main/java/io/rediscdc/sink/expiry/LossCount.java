package io.rediscdc.sink.expiry;

/**
 * How many keys a server has removed by itself, expired ones and evicted ones, since it started: as it counts them in INFO
 * (section stats; server.c, stat_expiredkeys and stat_evictedkeys). A key whose time has passed is counted when it is
 * removed, which is at the latest when a command asks for it.
 *
 * @param run the server's run_id, another one after each start
 */
public record LossCount(String run, long expired, long evicted) {

    private static final String EXPIRED = "\nexpired_keys:";
    private static final String EVICTED = "\nevicted_keys:";
    private static final int MAX_DIGITS = 18;

    /**
     * Reads it.
     *
     * @param run null or empty if the server does not say it
     * @param stats what INFO says in that section
     * @return null if the server does not count, or does not say which run this is
     */
    public static LossCount of(String run, String stats) {
        long expired = number(stats, EXPIRED);
        long evicted = number(stats, EVICTED);
        return run == null || run.isEmpty() || expired < 0 || evicted < 0 ? null : new LossCount(run, expired, evicted);
    }

    /** The number after that; -1 if there is none. */
    private static long number(String stats, String before) {
        int found = stats.indexOf(before);
        int begin = found + before.length();
        int end = begin;
        while (end < stats.length() && Character.isDigit(stats.charAt(end))) {
            end++;
        }
        return found < 0 || end == begin || end - begin > MAX_DIGITS ? -1 : Long.parseLong(stats, begin, end, 10);
    }

    /**
     * Reads what {@link #text()} wrote.
     *
     * @return null for null, for an empty text, and for one that nobody wrote so
     */
    public static LossCount parse(String text) {
        String[] parts = text == null ? new String[0] : text.split(":", -1);
        try {
            return parts.length == 3 && !parts[0].isEmpty()
                    ? new LossCount(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]))
                    : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** As the checkpoint says it. */
    public String text() {
        return run + ":" + expired + ":" + evicted;
    }
}
