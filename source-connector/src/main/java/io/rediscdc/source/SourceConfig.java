package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.config.RepairConfig;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.source.replica.AckMode;
import io.rediscdc.source.replica.ReplicaOptions;
import io.rediscdc.source.scan.ScanOptions;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * The source connector's options, all together. Their names and what they say are by topic: {@link ConnectionConfig}, {@link
 * TopicConfig}, {@link HistoryConfig}, {@link RecordConfig}, {@link FlowConfig}, {@link ScanConfig}, {@link RepairConfig}.
 */
final class SourceConfig extends AbstractConfig {

    private final ConnectionConfig connection;

    /** @throws ConfigException if one of them cannot be, or they do not fit each other */
    SourceConfig(Map<String, String> properties) {
        super(definition(), properties, false);
        this.connection = ConnectionConfig.of(this);
        HistoryConfig.checkTogether(this, connection);
    }

    static ConfigDef definition() {
        ConfigDef def = ConnectionConfig.defineCluster(ConnectionConfig.defineSeveral(new ConfigDef()));
        RepairConfig.define(def);
        ScanConfig.define(def);
        TopicConfig.define(def);
        HistoryConfig.define(def);
        RecordConfig.define(def);
        return FlowConfig.define(def);
    }

    /** Attaches a message to an option that does not fit the others. */
    static void checkTogether(Map<String, ConfigValue> values) {
        HistoryConfig.checkTogether(values);
    }

    ConnectionConfig connection() {
        return connection;
    }

    String sourceName() {
        return TopicConfig.sourceName(this);
    }

    String topic() {
        return TopicConfig.topic(this);
    }

    /** Of the topic. */
    int partitions() {
        return TopicConfig.partitions(this);
    }

    boolean headersEnabled() {
        return getBoolean(RecordConfig.HEADERS_ENABLED);
    }

    /** What writes changes in the format that is wanted. */
    ChangeCodec codec() {
        return RecordConfig.codec(this);
    }

    int pollMaxRecords() {
        return getInt(FlowConfig.POLL_MAX_RECORDS);
    }

    int transactionMaxRecords() {
        return getInt(FlowConfig.TRANSACTION_MAX_RECORDS);
    }

    int transactionMinIntervalMs() {
        return getInt(FlowConfig.TRANSACTION_MIN_INTERVAL_MS);
    }

    int transactionMaxIntervalMs() {
        return getInt(FlowConfig.TRANSACTION_MAX_INTERVAL_MS);
    }

    /** Records are gathered for a millisecond for so many a second. What a scan reads is no news, and can wait for more. */
    int gatheringRatePerMs() {
        return scans() ? 5_000 : 20_000;
    }

    long retryTimeoutMs() {
        return getLong(FlowConfig.RETRY_TIMEOUT_MS);
    }

    /** @param amongOthers whether its task reads other shards too, which go on if this one is away */
    ReplicaOptions replica(String shard, boolean amongOthers) {
        return new ReplicaOptions(
                connection.addresses(),
                connection.sentinel(),
                HistoryConfig.readFrom(this),
                connection.username(),
                connection.password() == null ? null : connection.password().value(),
                shard,
                HistoryConfig.isDiskless(this),
                getInt(RecordConfig.MAX_RECORD_BYTES),
                getLong(HistoryConfig.HEARTBEAT_INTERVAL_MS),
                retryTimeoutMs(amongOthers),
                ackMode(),
                FlowConfig.link(this, connection),
                HistoryConfig.psync(this),
                readsStates() ? ScanConfig.states(this) : null);
    }

    /** @param amongOthers as for {@link #replica} */
    ScanOptions scan(String shard, boolean amongOthers) {
        return ScanConfig.of(this, connection, HistoryConfig.readFrom(this), shard, retryTimeoutMs(amongOthers));
    }

    private long retryTimeoutMs(boolean amongOthers) {
        return amongOthers ? Long.MAX_VALUE : retryTimeoutMs();
    }

    RepairConfig repair() {
        return RepairConfig.of(this);
    }

    /** Whether the topic may keep a key's last record only. */
    boolean isCompacted() {
        return HistoryConfig.isCompacted(this);
    }

    /** Whether the stream of a replica is told in states. */
    boolean readsStates() {
        return HistoryConfig.readsStates(this);
    }

    /** Whether the source is read by SCAN, and not as a replica. */
    boolean scans() {
        return HistoryConfig.scans(this);
    }

    AckMode ackMode() {
        return HistoryConfig.ackMode(this);
    }
}
