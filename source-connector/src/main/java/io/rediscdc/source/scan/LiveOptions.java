package io.rediscdc.source.scan;

/**
 * How a capture learns of changes.
 *
 * @param flushIntervalMs for how long changes of one key are taken for one, ms
 * @param byType whether keys of simple types come before others
 * @param queue most keys that may have changed and not been read yet
 * @param idleTimeoutMs after how long without a change the run ends, ms; 0 for never
 * @param configures whether the server's notify-keyspace-events may be set, and set back
 */
public record LiveOptions(
        Feed feed, long flushIntervalMs, boolean byType, int queue, long idleTimeoutMs, boolean configures) {

    /** Who tells of changes. */
    public enum Feed {
        /** Keyspace notifications. */
        KEYSPACE,
        /** Invalidations for client-side caches. */
        TRACKING
    }
}
