package io.rediscdc.source.replica;

/**
 * How the stream is told in states: which of its keys have changed, and what they are then.
 *
 * @param flushIntervalMs how long a key that has changed waits until it is read; whatever happens to it meanwhile is one change
 * @param mostKeys how many keys that have changed may wait
 * @param compacted whether the topic may keep a key's last record only
 */
public record StateOptions(long flushIntervalMs, int mostKeys, boolean compacted) {}
