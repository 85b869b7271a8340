package io.rediscdc.source.replica;

/** What a server is told about how much of its history has arrived: what its WAIT, FAILOVER and SHUTDOWN go by. */
public enum AckMode {
    /** A master is told that nothing has; a replica, whose word nobody asks for, what has been received. */
    NONE,
    /** What has been received, wherever it may be lost yet. */
    RECEIVED,
    /** What Kafka has acknowledged; with exactly-once, in transactions that are committed. */
    COMMITTED
}
