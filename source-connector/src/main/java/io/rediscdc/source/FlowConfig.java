package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.source.replica.LinkOptions;
import io.rediscdc.source.replica.SpoolOptions;
import java.nio.file.Path;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The options that say how much is on its way from the server to Kafka, and for how long nothing may be. */
final class FlowConfig {

    static final String POLL_MAX_RECORDS = "poll.max.records";
    static final String TRANSACTION_MAX_RECORDS = "transaction.max.records";
    static final String TRANSACTION_MIN_INTERVAL_MS = "transaction.min.interval.ms";
    static final String TRANSACTION_MAX_INTERVAL_MS = "transaction.max.interval.ms";
    static final String SPOOL_MEMORY_BYTES = "spool.memory.bytes";
    static final String SPOOL_FILE_BYTES = "spool.file.bytes";
    static final String SPOOL_DIRECTORY = "spool.directory";
    static final String SILENCE_TIMEOUT_MS = "redis.silence.timeout.ms";
    static final String RETRY_TIMEOUT_MS = "redis.retry.timeout.ms";

    private static final String GROUP = "Flow control";

    private FlowConfig() {}

    /** Adds the options to the connector's. */
    static ConfigDef define(ConfigDef def) {
        return def.define(
                        POLL_MAX_RECORDS,
                        ConfigDef.Type.INT,
                        2_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "The most records handed to Connect at a time.",
                        GROUP,
                        1,
                        Width.SHORT,
                        "Records per poll")
                .define(
                        TRANSACTION_MAX_RECORDS,
                        ConfigDef.Type.INT,
                        20_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "With exactly-once and transaction.boundary=connector: while the source has more to send, a Kafka"
                                + " transaction is committed after about this many records, 16 MiB or 10 s.",
                        GROUP,
                        2,
                        Width.SHORT,
                        "Records per transaction")
                .define(
                        TRANSACTION_MIN_INTERVAL_MS,
                        ConfigDef.Type.INT,
                        5,
                        Range.atLeast(0),
                        Importance.LOW,
                        "With exactly-once and transaction.boundary=connector: the least time between two Kafka"
                                + " transactions, in milliseconds. Until then records are gathered. Use 10 where the"
                                + " broker's add.partitions.to.txn.retry.backoff.ms stands at its default of 20.",
                        GROUP,
                        3,
                        Width.SHORT,
                        "Transaction interval (ms)")
                .define(
                        TRANSACTION_MAX_INTERVAL_MS,
                        ConfigDef.Type.INT,
                        50,
                        Range.atLeast(0),
                        Importance.LOW,
                        "With exactly-once and transaction.boundary=connector: records are gathered for a millisecond for"
                                + " each 20,000 a second (5,000 of a scan), up to this many, since a transaction costs"
                                + " about as much as some hundred records. At transaction.min.interval.ms or below it, a"
                                + " busy source's transactions are as frequent as a quiet one's.",
                        GROUP,
                        4,
                        Width.SHORT,
                        "Longest transaction interval (ms)")
                .define(
                        SPOOL_MEMORY_BYTES,
                        ConfigDef.Type.LONG,
                        64L << 20,
                        Range.atLeast(1L << 20),
                        Importance.MEDIUM,
                        "How much may be received from the source ahead of what Kafka takes, in bytes of the worker's heap."
                                + " When it is full, more goes to files (spool.file.bytes).",
                        GROUP,
                        5,
                        Width.SHORT,
                        "Spool in memory (bytes)")
                .define(
                        SPOOL_FILE_BYTES,
                        ConfigDef.Type.LONG,
                        10L << 30,
                        Range.atLeast(0),
                        Importance.MEDIUM,
                        "How much more may be received ahead, in bytes of disk, once spool.memory.bytes are full: while"
                                + " Kafka is slow or away, the source need not wait, and so does not drop us at its"
                                + " client-output-buffer-limit. 512 MiB of the disk stay free. When this is full too, the"
                                + " source has to wait. 0 for no files.",
                        GROUP,
                        6,
                        Width.SHORT,
                        "Spool on disk (bytes)")
                .define(
                        SPOOL_DIRECTORY,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.LOW,
                        "Where those files are. They have no name while they are in use, so that none is left behind by a"
                                + " crash; what they hold is read again from the source then. Without it, the worker's"
                                + " directory for temporary files (java.io.tmpdir); choose another where that is a"
                                + " memory disk.",
                        GROUP,
                        7,
                        Width.LONG,
                        "Spool directory")
                .define(
                        SILENCE_TIMEOUT_MS,
                        ConfigDef.Type.LONG,
                        60_000L,
                        Range.atLeast(1000),
                        Importance.LOW,
                        "After how long without a byte a link is given up and made anew, in milliseconds. A master sends"
                                + " something every repl-ping-replica-period (10 s by default).",
                        GROUP,
                        8,
                        Width.SHORT,
                        "Silence timeout (ms)")
                .define(
                        RETRY_TIMEOUT_MS,
                        ConfigDef.Type.LONG,
                        900_000L,
                        Range.atLeast(0),
                        Importance.MEDIUM,
                        "How long the task tries to attach to a source that cannot be reached, in milliseconds, before it"
                                + " fails and says why. The time in which a server says that it is loading its data set does"
                                + " not count. Meanwhile the log says every minute that nothing is read, and the metric"
                                + " disconnected-ms for how long.",
                        GROUP,
                        9,
                        Width.SHORT,
                        "Retry timeout (ms)");
    }

    /** Of the link to a server that is read as a replica. */
    static LinkOptions link(AbstractConfig config, ConnectionConfig connection) {
        return new LinkOptions(
                connection.connectTimeoutMs(),
                // A handshake is part of connecting: a server that takes its time over it is tried again.
                connection.connectTimeoutMs(),
                config.getLong(SILENCE_TIMEOUT_MS),
                new SpoolOptions(
                        config.getLong(SPOOL_MEMORY_BYTES), config.getLong(SPOOL_FILE_BYTES), spoolDirectory(config)));
    }

    private static Path spoolDirectory(AbstractConfig config) {
        String directory = config.getString(SPOOL_DIRECTORY);
        return Path.of(directory == null || directory.isEmpty() ? System.getProperty("java.io.tmpdir") : directory);
    }
}
