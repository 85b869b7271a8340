package io.rediscdc.command;

/** What a command in a replication stream is to its reader. */
public enum CommandKind {
    /** Changes what its keys hold. COPY ... DB and MOVE also change another database. */
    WRITE,
    /**
     * EVAL, EVALSHA, FCALL, replicated as they are only before Redis 5 and by none since 7. The keys are those that were
     * declared; the script may have touched others. EVALSHA and FCALL need what SCRIPT LOAD and FUNCTION brought before.
     */
    EVAL,
    /** FLUSHALL, FLUSHDB. */
    FLUSH,
    /** SWAPDB. */
    SWAPDB,
    /** FUNCTION LOAD, DELETE, FLUSH, RESTORE. */
    FUNCTION,
    /** SCRIPT LOAD, FLUSH: up to Redis 6.2. */
    SCRIPT,
    /** PUBLISH; SPUBLISH, whose channel has a slot and so counts as its key. */
    PUBLISH,
    /** SELECT: also within MULTI. */
    SELECT,
    /** MULTI. */
    MULTI,
    /** EXEC. */
    EXEC,
    /** PING: a master's heartbeat. */
    PING,
    /** REPLCONF GETACK. */
    REPLCONF,
    /** Moves slots, changes no key for a user: CLUSTER SYNCSLOTS, TRIMSLOTS. */
    CLUSTER,
    /** Known, without a key: index definitions of RediSearch. */
    OTHER,
    /**
     * Not in the table: what its keys are, and whether it has any, is not known. Whoever passes it on does so knowingly;
     * its keys are not guessed, because a wrong guess sends it to the wrong partition.
     */
    UNKNOWN
}
