package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.config.RepairConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.slot.Slot;
import io.rediscdc.source.replica.AckMode;
import io.rediscdc.source.replica.LinkOptions;
import io.rediscdc.source.replica.PsyncCommand;
import io.rediscdc.source.replica.ReadFrom;
import io.rediscdc.source.replica.ReplicaOptions;
import io.rediscdc.source.replica.SpoolOptions;
import io.rediscdc.source.scan.ScanOptions;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** The source connector's options. The only place that knows their names. */
final class SourceConfig extends AbstractConfig {

    static final String TOPIC_PREFIX = "topic.prefix";
    static final String TOPIC = "topic";
    static final String TOPIC_PARTITIONS = "topic.partitions";
    static final String TOPIC_COMPACTED = "topic.compacted";
    static final String PSYNC_COMMAND = "psync.command";
    static final String CAPTURE_MODE = "capture.mode";
    static final String CHANGE_FORMAT = "change.format";
    static final String SNAPSHOT_TRANSFER = "snapshot.transfer";
    static final String READ_FROM = "source.read.from";
    static final String ACK_MODE = "ack.mode";
    static final String HEARTBEAT_INTERVAL_MS = "heartbeat.interval.ms";
    static final String HEADERS_ENABLED = "headers.enabled";
    static final String MAX_RECORD_BYTES = "max.record.bytes";
    static final String VALUE_FORMAT = "value.format";
    static final String POLL_MAX_RECORDS = "poll.max.records";
    static final String TRANSACTION_MAX_RECORDS = "transaction.max.records";
    static final String TRANSACTION_MIN_INTERVAL_MS = "transaction.min.interval.ms";
    static final String SPOOL_MEMORY_BYTES = "spool.memory.bytes";
    static final String SPOOL_FILE_BYTES = "spool.file.bytes";
    static final String SPOOL_DIRECTORY = "spool.directory";
    static final String SILENCE_TIMEOUT_MS = "redis.silence.timeout.ms";
    static final String RETRY_TIMEOUT_MS = "redis.retry.timeout.ms";

    static final String REPLICA = "replica";
    static final String SCAN = "scan";
    private static final String COMMANDS = "commands";
    static final String STATE = "state";
    private static final String DISK = "disk";
    private static final String DISKLESS = "diskless";
    private static final String DUMP = "dump";
    private static final String TYPED = "typed";

    private static final String NO_CLUSTER = "a cluster is told in commands, or read by capture.mode=scan";

    private static final String HISTORY = "History";
    private static final String RECORDS = "Records";
    private static final String FLOW = "Flow control";

    private final ConnectionConfig connection;

    SourceConfig(Map<String, String> properties) {
        super(definition(), properties, false);
        this.connection = ConnectionConfig.of(this);
        if (connection.cluster() == null && partitions() > 1) {
            throw new ConfigException(TOPIC_PARTITIONS, partitions(), "only a cluster has several");
        }
        if (connection.cluster() != null && readsStates()) {
            throw new ConfigException(CHANGE_FORMAT, STATE, NO_CLUSTER);
        }
    }

    static ConfigDef definition() {
        return ScanConfig.define(RepairConfig.define(
                        ConnectionConfig.defineCluster(ConnectionConfig.defineSeveral(new ConfigDef()))))
                .define(
                        TOPIC_PREFIX,
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "The logical name of this source. It identifies the source in its stored offsets, so it must stay"
                                + " the same over the connector's life and differ from every other source's.",
                        HISTORY,
                        1,
                        Width.MEDIUM,
                        "Name of the source")
                .define(
                        TOPIC,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.HIGH,
                        "The topic that gets the history. Without it, <topic.prefix>.changes. A Redis that is no cluster"
                                + " has one order, and so the topic one partition.",
                        HISTORY,
                        2,
                        Width.MEDIUM,
                        "Topic")
                .define(
                        TOPIC_PARTITIONS,
                        ConfigDef.Type.INT,
                        1,
                        Range.between(1, Slot.COUNT),
                        Importance.MEDIUM,
                        "How many partitions the topic has, for a cluster: the changes of a key are in partition slot x"
                                + " partitions / 16384. It must be the topic's true number, and stays the same over its life."
                                + " Where the worker makes the topic, topic.creation.default.partitions says it too.",
                        HISTORY,
                        13,
                        Width.SHORT,
                        "Partitions of the topic")
                .define(
                        TOPIC_COMPACTED,
                        ConfigDef.Type.BOOLEAN,
                        false,
                        Importance.MEDIUM,
                        "With capture.mode=scan or change.format=state, whether the topic may be compacted"
                                + " (cleanup.policy=compact): deletions are tombstones then, records do not name the one"
                                + " before, and a value that does not fit into a record stops the task.",
                        HISTORY,
                        15,
                        Width.SHORT,
                        "Compacted topic")
                .define(
                        PSYNC_COMMAND,
                        ConfigDef.Type.STRING,
                        "PSYNC",
                        ConfigDef.LambdaValidator.with(
                                SourceConfig::checkPsyncCommand, () -> "command or host:port@command,..."),
                        Importance.LOW,
                        "What PSYNC is called, where it was renamed: one word for all servers, or host:port@word,"
                                + " comma-separated, for servers that each have another.",
                        HISTORY,
                        14,
                        Width.MEDIUM,
                        "Name of PSYNC")
                .define(
                        CAPTURE_MODE,
                        ConfigDef.Type.STRING,
                        REPLICA,
                        ValidString.in(REPLICA, SCAN),
                        Importance.HIGH,
                        "How the source is read. 'replica': join it as a replica (PSYNC), first a snapshot of all keys,"
                                + " then every write command. 'scan': by SCAN and the states of keys, where a server"
                                + " does not let anybody join; options scan.* and read.*.",
                        HISTORY,
                        3,
                        Width.SHORT,
                        "Capture mode")
                .define(
                        CHANGE_FORMAT,
                        ConfigDef.Type.STRING,
                        COMMANDS,
                        ValidString.in(COMMANDS, STATE),
                        Importance.HIGH,
                        "With capture.mode=replica, what follows the snapshot. 'commands': every write command. 'state': of"
                                + " each key that has changed the state, read from the same server at an exact offset, once"
                                + " in flush.interval.ms.",
                        HISTORY,
                        16,
                        Width.SHORT,
                        "Format of changes")
                .define(
                        SNAPSHOT_TRANSFER,
                        ConfigDef.Type.STRING,
                        DISK,
                        ValidString.in(DISK, DISKLESS),
                        Importance.LOW,
                        "How the server may send a snapshot. 'disk': it writes a file first and starts at once;"
                                + " 'diskless': straight from memory, for servers without room on a disk; it then waits"
                                + " repl-diskless-sync-delay (5 s by default) before the first byte.",
                        HISTORY,
                        4,
                        Width.SHORT,
                        "Snapshot transfer")
                .define(
                        HEARTBEAT_INTERVAL_MS,
                        ConfigDef.Type.LONG,
                        10_000L,
                        Range.atLeast(0),
                        Importance.MEDIUM,
                        "How long, in milliseconds, the source's offset may move on without a record before a heartbeat"
                                + " record says so. It keeps the point to resume from young while nothing is written."
                                + " 0 for never.",
                        HISTORY,
                        5,
                        Width.SHORT,
                        "Heartbeat interval (ms)")
                .define(
                        READ_FROM,
                        ConfigDef.Type.STRING,
                        name(ReadFrom.REPLICA_PREFERRED),
                        ValidString.in(name(ReadFrom.REPLICA_PREFERRED), name(ReadFrom.MASTER), name(ReadFrom.ANY)),
                        Importance.MEDIUM,
                        "Which of the nodes in redis.address, or of those that Sentinel or the cluster names, to read from. 'replica_preferred': a replica that is in step"
                                + " with its master, else the master; 'master': only the master; 'any': the first that"
                                + " answers. A node that can continue where we stopped comes before one that cannot.",
                        HISTORY,
                        6,
                        Width.SHORT,
                        "Read from")
                .define(
                        ACK_MODE,
                        ConfigDef.Type.STRING,
                        name(AckMode.NONE),
                        ValidString.in(name(AckMode.NONE), name(AckMode.RECEIVED), name(AckMode.COMMITTED)),
                        Importance.MEDIUM,
                        "What the server is told has arrived (REPLCONF ACK). 'none': a master is told nothing, so that we"
                                + " count in nobody's WAIT and FAILOVER does not choose us; its SHUTDOWN (7.0 and later)"
                                + " waits shutdown-timeout for us, 10 s by default. Read from a replica to avoid that."
                                + " 'received': what has been received. 'committed': what Kafka has acknowledged: WAIT 1 0"
                                + " on the master returns once the write is durable in Kafka. With the last two, FAILOVER"
                                + " may choose us: name the new master in it (FAILOVER TO).",
                        HISTORY,
                        7,
                        Width.SHORT,
                        "Acknowledgements")
                .define(
                        HEADERS_ENABLED,
                        ConfigDef.Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Whether records of keys and of published messages carry op, key, type and db as text in their"
                                + " headers, for people and tools that read the topic; all other records do. Nothing here"
                                + " needs them, and they cost a fifth to a quarter of the worker's CPU. With true, set"
                                + " header.converter to org.apache.kafka.connect.storage.StringConverter at source and"
                                + " sink: Connect's default takes two to four times as long.",
                        RECORDS,
                        1,
                        Width.SHORT,
                        "Text headers")
                .define(
                        MAX_RECORD_BYTES,
                        ConfigDef.Type.INT,
                        1_000_000,
                        Range.between(1024, 1 << 30),
                        Importance.MEDIUM,
                        "The largest record, in bytes: larger commands, and larger values of a snapshot, come in pieces."
                                + " The default stays under Kafka's own limit of 1 MiB; to raise it, raise"
                                + " producer.override.max.request.size and the topic's max.message.bytes too.",
                        RECORDS,
                        2,
                        Width.SHORT,
                        "Largest record (bytes)")
                .define(
                        VALUE_FORMAT,
                        ConfigDef.Type.STRING,
                        DUMP,
                        ValidString.in(DUMP, TYPED),
                        Importance.MEDIUM,
                        "How the states of keys are written: those of a snapshot, and those that are asked for. 'dump': as"
                                + " DUMP returns them. 'typed': by their elements, which people and stream processors can"
                                + " read; a value that would not come back from there as it was, or would take more than"
                                + " max.record.bytes as JSON, stays a dump. The sink connector reads both.",
                        RECORDS,
                        3,
                        Width.SHORT,
                        "Format of values")
                .define(
                        POLL_MAX_RECORDS,
                        ConfigDef.Type.INT,
                        2_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "The most records handed to Connect at a time.",
                        FLOW,
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
                        FLOW,
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
                        FLOW,
                        3,
                        Width.SHORT,
                        "Transaction interval (ms)")
                .define(
                        SPOOL_MEMORY_BYTES,
                        ConfigDef.Type.LONG,
                        64L << 20,
                        Range.atLeast(1L << 20),
                        Importance.MEDIUM,
                        "How much may be received from the source ahead of what Kafka takes, in bytes of the worker's heap."
                                + " When it is full, more goes to files (spool.file.bytes).",
                        FLOW,
                        4,
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
                        FLOW,
                        5,
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
                        FLOW,
                        6,
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
                        FLOW,
                        7,
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
                        FLOW,
                        8,
                        Width.SHORT,
                        "Retry timeout (ms)");
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    ConnectionConfig connection() {
        return connection;
    }

    String sourceName() {
        return getString(TOPIC_PREFIX);
    }

    String topic() {
        String topic = getString(TOPIC);
        return topic == null || topic.isEmpty() ? sourceName() + ".changes" : topic;
    }

    boolean headersEnabled() {
        return getBoolean(HEADERS_ENABLED);
    }

    /** What writes changes in the format that is wanted. */
    ChangeCodec codec() {
        return getString(VALUE_FORMAT).equals(TYPED) ? ChangeCodec.typed(getInt(MAX_RECORD_BYTES)) : new ChangeCodec();
    }

    int pollMaxRecords() {
        return getInt(POLL_MAX_RECORDS);
    }

    int transactionMaxRecords() {
        return getInt(TRANSACTION_MAX_RECORDS);
    }

    int transactionMinIntervalMs() {
        return getInt(TRANSACTION_MIN_INTERVAL_MS);
    }

    /** @param amongOthers whether its task reads other shards too, which go on if this one is away */
    ReplicaOptions replica(String shard, boolean amongOthers) {
        return new ReplicaOptions(
                connection.addresses(),
                connection.sentinel(),
                readFrom(),
                connection.username(),
                connection.password() == null ? null : connection.password().value(),
                shard,
                getString(SNAPSHOT_TRANSFER).equals(DISKLESS),
                getInt(MAX_RECORD_BYTES),
                getLong(HEARTBEAT_INTERVAL_MS),
                amongOthers ? Long.MAX_VALUE : retryTimeoutMs(),
                ackMode(),
                new LinkOptions(
                        connection.connectTimeoutMs(),
                        // A handshake is part of connecting: a server that takes its time over it is tried again.
                        connection.connectTimeoutMs(),
                        getLong(SILENCE_TIMEOUT_MS),
                        new SpoolOptions(getLong(SPOOL_MEMORY_BYTES), getLong(SPOOL_FILE_BYTES), spoolDirectory())),
                PsyncCommand.parse(getString(PSYNC_COMMAND)),
                readsStates() ? ScanConfig.states(this) : null);
    }

    long retryTimeoutMs() {
        return getLong(RETRY_TIMEOUT_MS);
    }

    /** Of the topic. */
    int partitions() {
        return getInt(TOPIC_PARTITIONS);
    }

    /** Attaches a message to an option that does not fit the others. */
    static void checkTogether(Map<String, ConfigValue> values) {
        ConfigValue compacted = values.get(TOPIC_COMPACTED);
        boolean scans = SCAN.equals(values.get(CAPTURE_MODE).value());
        boolean states = STATE.equals(values.get(CHANGE_FORMAT).value());
        if (Boolean.TRUE.equals(compacted.value()) && !scans && !states) {
            compacted.addErrorMessage(TOPIC_COMPACTED + " is true, and neither " + CAPTURE_MODE + " is scan nor "
                    + CHANGE_FORMAT
                    + " is state: commands mean nothing without those before them, which compaction removes");
        }
        ConfigValue partitions = values.get(TOPIC_PARTITIONS);
        Object cluster = values.get(ConnectionConfig.CLUSTER_NODES).value();
        if (cluster != null && states && !scans) {
            values.get(CHANGE_FORMAT)
                    .addErrorMessage(CHANGE_FORMAT + " is state, and the source is a cluster (redis.cluster.nodes): "
                            + NO_CLUSTER);
        }
        if (cluster == null && partitions.value() instanceof Integer number && number > 1) {
            partitions.addErrorMessage(TOPIC_PARTITIONS + " is " + number
                    + ", and the source is no cluster (redis.cluster.nodes): it has one order, for which one partition is"
                    + " needed");
        }
    }

    private static void checkPsyncCommand(String name, Object value) {
        try {
            PsyncCommand.parse((String) value);
        } catch (RedisCdcException e) {
            throw new ConfigException(name + " " + e.getMessage());
        }
    }

    /** Whether the topic may keep a key's last record only. */
    boolean isCompacted() {
        return (scans() || readsStates()) && getBoolean(TOPIC_COMPACTED);
    }

    /** Whether the stream of a replica is told in states. */
    boolean readsStates() {
        return !scans() && getString(CHANGE_FORMAT).equals(STATE);
    }

    /** Whether the source is read by SCAN, and not as a replica. */
    boolean scans() {
        return getString(CAPTURE_MODE).equals(SCAN);
    }

    /** @param amongOthers as for {@link #replica} */
    ScanOptions scan(String shard, boolean amongOthers) {
        long retryMs = amongOthers ? Long.MAX_VALUE : retryTimeoutMs();
        return ScanConfig.of(this, connection, readFrom(), shard, retryMs);
    }

    RepairConfig repair() {
        return RepairConfig.of(this);
    }

    AckMode ackMode() {
        return AckMode.valueOf(getString(ACK_MODE).toUpperCase(Locale.ROOT));
    }

    private ReadFrom readFrom() {
        return ReadFrom.valueOf(getString(READ_FROM).toUpperCase(Locale.ROOT));
    }

    private Path spoolDirectory() {
        String directory = getString(SPOOL_DIRECTORY);
        return Path.of(directory == null || directory.isEmpty() ? System.getProperty("java.io.tmpdir") : directory);
    }
}
