package io.rediscdc.source.scan;

/** Tells of keys that change. */
interface ChangeFeed {

    /**
     * Begins to listen: what changes after this returns is told.
     *
     * @throws io.rediscdc.error.RedisCdcException CONFIG if the user may not, or the server is not set up for it
     */
    void subscribe();

    /** Takes in what it is told, until the connection is closed. */
    void listen();
}
