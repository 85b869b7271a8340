package io.rediscdc.sink;

import io.rediscdc.command.rebuild.StreamIds;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.config.RepairConfig;
import io.rediscdc.sink.state.MergePolicy;
import io.rediscdc.sink.state.WriteMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The sink connector's options. */
final class SinkConfig extends AbstractConfig {

    static final String FLOW = "flow";
    static final String DELIVERY = "delivery";
    static final String BATCH_MAX_BYTES = "batch.max.bytes";
    static final String BATCH_MAX_RECORDS = "batch.max.records";
    static final String TRANSACTION_MAX_BYTES = "transaction.max.bytes";

    static final String TARGET_EXCLUSIVE = "target.exclusive";
    static final String SWEEP_MEMORY_BYTES = "sweep.memory.bytes";

    static final String WRITE_MODE = "write.mode";
    static final String UNSUPPORTED_POLICY = "unsupported.policy";
    static final String MERGE_POLICY = "merge.policy";
    static final String EXISTS_POLICY = "exists.policy";
    static final String STREAM_IDS = "stream.ids";
    static final String CROSS_SLOT_POLICY = "cross.slot.policy";
    static final String DB_MAP = "db.map";

    static final String DLQ_IS_MISSING = UNSUPPORTED_POLICY
            + "=dlq needs Connect's dead letter queue: set errors.deadletterqueue.topic.name and errors.tolerance=all";

    private static final String DLQ_TOPIC = "errors.deadletterqueue.topic.name";
    private static final String TOLERANCE = "errors.tolerance";
    private static final String NAME = "name";
    private static final String GROUP = "Writing";
    private static final int MIB = 1024 * 1024;

    static final ConfigDef DEF = RepairConfig.define(
                    ConnectionConfig.defineCluster(ConnectionConfig.define(new ConfigDef())))
            .define(
                    FLOW,
                    ConfigDef.Type.STRING,
                    null,
                    ConfigDef.LambdaValidator.with(SinkConfig::checkFlow, () -> "without braces and spaces"),
                    Importance.MEDIUM,
                    "Names this flow of changes in the target, where the checkpoint is kept under it. Two connectors"
                            + " that write the same topic to the same target need different ones. By default, the"
                            + " connector's name.",
                    GROUP,
                    1,
                    Width.MEDIUM,
                    "Flow")
            .define(
                    DELIVERY,
                    ConfigDef.Type.STRING,
                    DeliveryMode.EXACTLY_ONCE.text(),
                    ValidString.in(DeliveryMode.EXACTLY_ONCE.text(), DeliveryMode.AT_LEAST_ONCE.text()),
                    Importance.MEDIUM,
                    "'exactly_once': changes and checkpoint go to the target in one MULTI/EXEC, and nobody else can come"
                            + " between. 'at_least_once': the checkpoint follows the changes in the same pipeline, without"
                            + " MULTI and WATCH, for targets that do not permit them or whose other clients must not wait"
                            + " for a batch: after a crash or a lost connection, some changes can be applied twice.",
                    GROUP,
                    2,
                    Width.SHORT,
                    "Delivery")
            .define(
                    BATCH_MAX_BYTES,
                    ConfigDef.Type.INT,
                    4 * MIB,
                    Range.between(1024, 256 * MIB),
                    Importance.MEDIUM,
                    "A MULTI/EXEC at the target ends with the record that makes it this large, in bytes. A transaction of"
                            + " the source is never split. Larger is not faster, and keeps other clients waiting longer.",
                    GROUP,
                    3,
                    Width.SHORT,
                    "Batch size (bytes)")
            .define(
                    BATCH_MAX_RECORDS,
                    ConfigDef.Type.INT,
                    5_000,
                    Range.atLeast(1),
                    Importance.LOW,
                    "A MULTI/EXEC at the target ends with this number of records, or with the end of the source's"
                            + " transaction after it.",
                    GROUP,
                    4,
                    Width.SHORT,
                    "Batch size (records)")
            .define(
                    TRANSACTION_MAX_BYTES,
                    ConfigDef.Type.INT,
                    64 * MIB,
                    Range.atLeast(1024),
                    Importance.LOW,
                    "The largest transaction of the source, in bytes of its commands. It is held in memory until its end is"
                            + " there, and applied in one MULTI/EXEC. A larger one stops the task. A single command is held up"
                            + " to this size; a larger one is sent to the target while it comes.",
                    GROUP,
                    5,
                    Width.SHORT,
                    "Transaction size (bytes)")
            .define(
                    TARGET_EXCLUSIVE,
                    ConfigDef.Type.BOOLEAN,
                    false,
                    Importance.MEDIUM,
                    "Declares that nobody but this connector writes to the target: when a snapshot has been applied, whatever"
                            + " else the target holds is removed, even what was there before the connector was. Without it"
                            + " that is done only where the target was empty when the connector claimed it, and only what a"
                            + " later snapshot no longer has.",
                    GROUP,
                    6,
                    Width.SHORT,
                    "Target is exclusive")
            .define(
                    SWEEP_MEMORY_BYTES,
                    ConfigDef.Type.LONG,
                    64L * MIB,
                    Range.atLeast(64 * 1024),
                    Importance.LOW,
                    "Memory for the fingerprints of a snapshot's keys, by which those that vanished from the source are found at"
                            + " the target: between 11 and 21 bytes a key. A larger snapshot takes 8 bytes a key of disk"
                            + " (java.io.tmpdir), and the target is scanned once for each time the memory is filled.",
                    GROUP,
                    7,
                    Width.SHORT,
                    "Sweep memory (bytes)")
            .define(
                    WRITE_MODE,
                    ConfigDef.Type.STRING,
                    WriteMode.AUTO.text(),
                    ValidString.in(WriteMode.AUTO.text(), WriteMode.DUMP.text(), WriteMode.TYPED.text()),
                    Importance.MEDIUM,
                    "How the state of a key is written. 'auto': by RESTORE where the target takes the dump, which it is asked"
                            + " when it is connected to, else by the commands of the key's type (an older target, another"
                            + " engine, no right to RESTORE). 'dump': by RESTORE only. 'typed': by commands only, but for"
                            + " values of modules.",
                    GROUP,
                    8,
                    Width.SHORT,
                    "Write mode")
            .define(
                    UNSUPPORTED_POLICY,
                    ConfigDef.Type.STRING,
                    UnsupportedPolicy.FAIL.text(),
                    ValidString.in(
                            UnsupportedPolicy.FAIL.text(),
                            UnsupportedPolicy.DROP.text(),
                            UnsupportedPolicy.DLQ.text(),
                            UnsupportedPolicy.REREAD.text()),
                    Importance.MEDIUM,
                    "What becomes of what the target cannot hold or does not know: fields that expire before Redis 7.4,"
                            + " streams before 5.0, commands and functions of later versions. 'fail': the task stops before"
                            + " the batch. 'drop': it is left out, counted and logged. 'dlq': the same, and the record goes"
                            + " to Connect's dead letter queue (errors.deadletterqueue.topic.name, errors.tolerance=all)."
                            + " 'reread': in place of a command, the states of its keys are asked of the source"
                            + " (repair.bootstrap.servers); for states as 'fail'.",
                    GROUP,
                    9,
                    Width.SHORT,
                    "Policy for what is unsupported")
            .define(
                    MERGE_POLICY,
                    ConfigDef.Type.STRING,
                    MergePolicy.REPLACE.text(),
                    ValidString.in(MergePolicy.REPLACE.text(), MergePolicy.MERGE.text()),
                    Importance.LOW,
                    "'replace': a key's state takes the place of what the target has. 'merge': the fields of a hash and the"
                            + " members of a set or sorted set are added to what it has there; strings, lists and streams are"
                            + " replaced.",
                    GROUP,
                    10,
                    Width.SHORT,
                    "Merge policy")
            .define(
                    EXISTS_POLICY,
                    ConfigDef.Type.STRING,
                    ExistsPolicy.REPLACE.text(),
                    ValidString.in(ExistsPolicy.REPLACE.text(), ExistsPolicy.SKIP.text(), ExistsPolicy.FAIL.text()),
                    Importance.LOW,
                    "What becomes of keys that the target has already when the flow's first snapshot brings them: 'replace',"
                            + " 'skip' (they stay as they are; commands that follow the snapshot are applied to them) or"
                            + " 'fail'. Later snapshots replace.",
                    GROUP,
                    11,
                    Width.SHORT,
                    "Policy for existing keys")
            .define(
                    STREAM_IDS,
                    ConfigDef.Type.STRING,
                    StreamIds.KEEP.text(),
                    ValidString.in(StreamIds.KEEP.text(), StreamIds.DROP.text()),
                    Importance.LOW,
                    "Which ids the entries of streams have at the target: 'keep', the source's, or 'drop', the target's own"
                            + " (XADD with *), in the same order. With 'drop' nothing is written that is known by id:"
                            + " groups, pending entries, deletions.",
                    GROUP,
                    12,
                    Width.SHORT,
                    "Ids of streams")
            .define(
                    CROSS_SLOT_POLICY,
                    ConfigDef.Type.STRING,
                    CrossSlotPolicy.REREAD.text(),
                    ValidString.in(CrossSlotPolicy.REREAD.text(), CrossSlotPolicy.FAIL.text()),
                    Importance.LOW,
                    "Of a target that is a cluster: what becomes of a command whose keys are of several slots. (DEL, UNLINK"
                            + " and MSET are divided.) 'reread': the states of its keys are asked of the source"
                            + " (repair.bootstrap.servers). 'fail': the task stops.",
                    GROUP,
                    13,
                    Width.SHORT,
                    "Policy for commands across slots")
            .define(
                    DB_MAP,
                    ConfigDef.Type.LIST,
                    "",
                    ConfigDef.LambdaValidator.with(SinkConfig::checkDatabases, () -> "pairs as 3:0 and 0:drop"),
                    Importance.LOW,
                    "Which number a database of the source has at the target: '3:0,0:drop' writes database 3 into 0 and"
                            + " leaves database 0 out. Databases that are not named keep their numbers; no two may come into"
                            + " one. A cluster has database 0 only.",
                    GROUP,
                    14,
                    Width.MEDIUM,
                    "Map of databases");

    private final ConnectionConfig connection;
    private final String flow;

    /** @throws ConfigException naming the option that is wrong */
    SinkConfig(Map<String, String> props) {
        super(DEF, props, false);
        connection = ConnectionConfig.of(this);
        String given = getString(FLOW);
        flow = given == null ? props.get(NAME) : given;
        if (flow == null) {
            throw new ConfigException(FLOW + " is missing, and the connector has no name to take in its place");
        }
        checkFlow(given == null ? NAME : FLOW, flow);
        checkPolicy(props);
    }

    ConnectionConfig connection() {
        return connection;
    }

    RepairConfig repair() {
        return RepairConfig.of(this);
    }

    String flow() {
        return flow;
    }

    DeliveryMode delivery() {
        return DeliveryMode.parse(getString(DELIVERY));
    }

    int batchMaxBytes() {
        return getInt(BATCH_MAX_BYTES);
    }

    int batchMaxRecords() {
        return getInt(BATCH_MAX_RECORDS);
    }

    int transactionMaxBytes() {
        return getInt(TRANSACTION_MAX_BYTES);
    }

    boolean targetExclusive() {
        return getBoolean(TARGET_EXCLUSIVE);
    }

    long sweepMemoryBytes() {
        return getLong(SWEEP_MEMORY_BYTES);
    }

    WriteMode writeMode() {
        return WriteMode.parse(getString(WRITE_MODE));
    }

    MergePolicy mergePolicy() {
        return MergePolicy.parse(getString(MERGE_POLICY));
    }

    ExistsPolicy existsPolicy() {
        return ExistsPolicy.parse(getString(EXISTS_POLICY));
    }

    StreamIds streamIds() {
        return StreamIds.parse(getString(STREAM_IDS));
    }

    CrossSlotPolicy crossSlotPolicy() {
        return CrossSlotPolicy.parse(getString(CROSS_SLOT_POLICY));
    }

    DatabaseMap databases() {
        return DatabaseMap.parse(DB_MAP, getList(DB_MAP));
    }

    UnsupportedPolicy unsupportedPolicy() {
        return UnsupportedPolicy.parse(getString(UNSUPPORTED_POLICY));
    }

    private void checkPolicy(Map<String, String> props) {
        if (connection.cluster() != null && delivery() == DeliveryMode.AT_LEAST_ONCE) {
            throw new ConfigException(DELIVERY
                    + "=at_least_once is not for clusters: to a cluster, changes and checkpoint go in a script, without MULTI"
                    + " and WATCH; leave it out");
        }
        UnsupportedPolicy policy = unsupportedPolicy();
        if (policy == UnsupportedPolicy.DLQ
                && (props.getOrDefault(DLQ_TOPIC, "").isBlank() || !"all".equalsIgnoreCase(props.get(TOLERANCE)))) {
            throw new ConfigException(DLQ_IS_MISSING);
        }
        if (existsPolicy() != ExistsPolicy.REPLACE && targetExclusive()) {
            throw new ConfigException(EXISTS_POLICY + "=" + existsPolicy().text() + " and " + TARGET_EXCLUSIVE
                    + "=true contradict each other: an exclusive target keeps nothing that is not the flow's");
        }
        if (existsPolicy() != ExistsPolicy.REPLACE && mergePolicy() == MergePolicy.MERGE) {
            throw new ConfigException(EXISTS_POLICY + "=" + existsPolicy().text() + " and " + MERGE_POLICY
                    + "=merge contradict each other: the one keeps off keys that the other adds to");
        }
        if (streamIds() == StreamIds.DROP && writeMode() == WriteMode.DUMP) {
            throw new ConfigException(STREAM_IDS + "=drop and " + WRITE_MODE
                    + "=dump contradict each other: a dump has the source's ids in it");
        }
        if (policy == UnsupportedPolicy.REREAD && !repair().isEnabled()) {
            throw new ConfigException(UNSUPPORTED_POLICY + "=reread asks the source: set "
                    + RepairConfig.BOOTSTRAP_SERVERS + " here and there");
        }
    }

    private static void checkDatabases(String name, Object value) {
        List<String> entries = new ArrayList<>();
        ((List<?>) value).forEach(entry -> entries.add((String) entry));
        DatabaseMap unused = DatabaseMap.parse(name, entries);
    }

    private static void checkFlow(String name, Object value) {
        if (value instanceof String text && (text.isEmpty() || !text.matches("[^{}\\s]+"))) {
            throw new ConfigException(
                    name + " names the flow in the target's checkpoint key and must have neither braces nor spaces;"
                            + " give " + FLOW + " such a name");
        }
    }
}
