package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.source.replica.AckMode;
import io.rediscdc.source.replica.PsyncCommand;
import io.rediscdc.source.replica.ReadFrom;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** The options that say which history is told, and how it is read. */
final class HistoryConfig {

    static final String PSYNC_COMMAND = "psync.command";
    static final String CAPTURE_MODE = "capture.mode";
    static final String CHANGE_FORMAT = "change.format";
    static final String SNAPSHOT_TRANSFER = "snapshot.transfer";
    static final String HEARTBEAT_INTERVAL_MS = "heartbeat.interval.ms";
    static final String READ_FROM = "source.read.from";
    static final String ACK_MODE = "ack.mode";

    static final String GROUP = "History";

    private static final String REPLICA = "replica";
    private static final String SCAN = "scan";
    private static final String COMMANDS = "commands";
    private static final String STATE = "state";
    private static final String DISK = "disk";
    private static final String DISKLESS = "diskless";
    private static final String NO_CLUSTER = "a cluster is told in commands, or read by capture.mode=scan";

    private HistoryConfig() {}

    /** Adds the options to the connector's. */
    static ConfigDef define(ConfigDef def) {
        return def.define(
                        PSYNC_COMMAND,
                        ConfigDef.Type.STRING,
                        "PSYNC",
                        ConfigDef.LambdaValidator.with(
                                HistoryConfig::checkPsyncCommand, () -> "command or host:port@command,..."),
                        Importance.LOW,
                        "What PSYNC is called, where it was renamed: one word for all servers, or host:port@word,"
                                + " comma-separated, for servers that each have another.",
                        GROUP,
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
                        GROUP,
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
                        GROUP,
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
                        GROUP,
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
                        GROUP,
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
                        GROUP,
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
                        GROUP,
                        7,
                        Width.SHORT,
                        "Acknowledgements");
    }

    /**
     * Of options that are each right by themselves.
     *
     * @throws ConfigException if they do not fit each other, or the servers
     */
    static void checkTogether(AbstractConfig config, ConnectionConfig connection) {
        if (connection.cluster() == null && TopicConfig.partitions(config) > 1) {
            throw new ConfigException(
                    TopicConfig.PARTITIONS, TopicConfig.partitions(config), "only a cluster has several");
        }
        if (connection.cluster() != null && readsStates(config)) {
            throw new ConfigException(CHANGE_FORMAT, STATE, NO_CLUSTER);
        }
    }

    /** Attaches a message to an option that does not fit the others. */
    static void checkTogether(Map<String, ConfigValue> values) {
        ConfigValue compacted = values.get(TopicConfig.COMPACTED);
        boolean scans = SCAN.equals(values.get(CAPTURE_MODE).value());
        boolean states = STATE.equals(values.get(CHANGE_FORMAT).value());
        if (Boolean.TRUE.equals(compacted.value()) && !scans && !states) {
            compacted.addErrorMessage(TopicConfig.COMPACTED + " is true, and neither " + CAPTURE_MODE + " is scan nor "
                    + CHANGE_FORMAT
                    + " is state: commands mean nothing without those before them, which compaction removes");
        }
        ConfigValue partitions = values.get(TopicConfig.PARTITIONS);
        Object cluster = values.get(ConnectionConfig.CLUSTER_NODES).value();
        if (cluster != null && states && !scans) {
            values.get(CHANGE_FORMAT)
                    .addErrorMessage(CHANGE_FORMAT + " is state, and the source is a cluster (redis.cluster.nodes): "
                            + NO_CLUSTER);
        }
        if (cluster == null && partitions.value() instanceof Integer number && number > 1) {
            partitions.addErrorMessage(TopicConfig.PARTITIONS + " is " + number
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
    static boolean isCompacted(AbstractConfig config) {
        return (scans(config) || readsStates(config)) && config.getBoolean(TopicConfig.COMPACTED);
    }

    /** Whether the source is read by SCAN, and not as a replica. */
    static boolean scans(AbstractConfig config) {
        return config.getString(CAPTURE_MODE).equals(SCAN);
    }

    /** Whether the stream of a replica is told in states. */
    static boolean readsStates(AbstractConfig config) {
        return !scans(config) && config.getString(CHANGE_FORMAT).equals(STATE);
    }

    /** Whether a snapshot may come straight from the server's memory. */
    static boolean isDiskless(AbstractConfig config) {
        return config.getString(SNAPSHOT_TRANSFER).equals(DISKLESS);
    }

    static AckMode ackMode(AbstractConfig config) {
        return AckMode.valueOf(config.getString(ACK_MODE).toUpperCase(Locale.ROOT));
    }

    static ReadFrom readFrom(AbstractConfig config) {
        return ReadFrom.valueOf(config.getString(READ_FROM).toUpperCase(Locale.ROOT));
    }

    static PsyncCommand psync(AbstractConfig config) {
        return PsyncCommand.parse(config.getString(PSYNC_COMMAND));
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
