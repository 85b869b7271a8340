package io.rediscdc.source.scan;

/**
 * What one SCAN has found. The point to resume from moves behind it when all its keys, and those of the pages before, have
 * been handed out.
 */
final class ScanPage {

    private final int db;
    private final String next;
    private final boolean last;
    private int missing;

    /**
     * A page.
     *
     * @param next the cursor behind it
     * @param keys how many it has
     */
    ScanPage(int db, String next, int keys) {
        this(db, next, keys, false);
    }

    private ScanPage(int db, String next, int keys, boolean last) {
        this.db = db;
        this.next = next;
        this.missing = keys;
        this.last = last;
    }

    /** The end of a scan, which so many have to come to. */
    static ScanPage end(int missing) {
        return new ScanPage(0, "0", missing, true);
    }

    boolean isLast() {
        return last;
    }

    int db() {
        return db;
    }

    String next() {
        return next;
    }

    /** One of its keys has been handed out, or is known to give nothing. By the thread that reads only. */
    void done() {
        missing--;
    }

    boolean isDone() {
        return missing == 0;
    }
}
