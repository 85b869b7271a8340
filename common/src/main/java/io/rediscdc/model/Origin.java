package io.rediscdc.model;

/**
 * Where a change was read. One instance serves all changes of a connection.
 *
 * @param shard name of the shard within its source; stays the same over failovers
 * @param node host:port of the server it was read from, null where there is none
 * @param replid replication id of the history, null where the source has none (scan, files)
 */
public record Origin(String shard, String node, String replid) {}
