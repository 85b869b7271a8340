package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.source.replica.ReadFrom;
import io.rediscdc.source.replica.StateOptions;
import io.rediscdc.source.scan.LiveOptions;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions;
import io.rediscdc.source.scan.ScanOptions.MemoryLimit;
import io.rediscdc.source.scan.ScanOptions.Mode;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The options of {@code capture.mode=scan}. */
final class ScanConfig {

    static final String MODE = "scan.mode";
    static final String MATCH = "scan.match";
    static final String TYPE = "scan.type";
    static final String SLOTS = "scan.slots";
    static final String COUNT = "scan.count";
    static final String DATABASES = "scan.databases";
    static final String KEYS_PER_SECOND = "scan.max.keys.per.second";
    static final String BYTES_PER_SECOND = "scan.max.bytes.per.second";
    static final String THREADS = "read.threads";
    static final String BATCH = "read.batch";
    static final String QUEUE = "read.queue";
    static final String MEM_LIMIT = "mem.limit";
    static final String MEM_LIMIT_POLICY = "mem.limit.policy";
    static final String MEM_SAMPLES = "mem.samples";

    static final String FEED = "live.feed";
    static final String FLUSH_INTERVAL_MS = "flush.interval.ms";
    static final String EVENT_ORDER = "event.order";
    static final String EVENT_QUEUE = "event.queue";
    static final String IDLE_TIMEOUT_MS = "idle.timeout.ms";
    static final String NOTIFY_CONFIGURE = "notify.configure";

    private static final String FIFO = "fifo";
    private static final String PRIORITY = "priority";
    private static final String FAIL = "fail";
    private static final String SKIP = "skip";
    private static final String GROUP = "Scan";

    private ScanConfig() {}

    /** Adds the options to the connector's. */
    static ConfigDef define(ConfigDef def) {
        return def.define(
                        MODE,
                        ConfigDef.Type.STRING,
                        name(Mode.LIVE),
                        ValidString.in(name(Mode.SNAPSHOT), name(Mode.LIVE), name(Mode.LIVEONLY)),
                        Importance.HIGH,
                        "With capture.mode=scan, what is read. 'snapshot': every key once; 'live': every key once, and then"
                                + " each key that changes; 'liveonly': each key that changes. What may have been missed"
                                + " is read anew with 'live', by another scan.",
                        GROUP,
                        1,
                        Width.SHORT,
                        "What to read")
                .define(
                        MATCH,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.MEDIUM,
                        "With capture.mode=scan, a pattern that keys have to match to be read, as in SCAN MATCH.",
                        GROUP,
                        2,
                        Width.MEDIUM,
                        "Pattern of keys")
                .define(
                        TYPE,
                        ConfigDef.Type.STRING,
                        null,
                        Importance.LOW,
                        "With capture.mode=scan, the only type of keys to read, as in SCAN TYPE (Redis 6 and later).",
                        GROUP,
                        3,
                        Width.SHORT,
                        "Type of keys")
                .define(
                        DATABASES,
                        ConfigDef.Type.LIST,
                        "",
                        ConfigDef.LambdaValidator.with(
                                ScanConfig::checkDatabases, () -> "numbers of databases, comma-separated"),
                        Importance.MEDIUM,
                        "With capture.mode=scan, the databases to read, comma-separated. Without it, all that have keys.",
                        GROUP,
                        4,
                        Width.SHORT,
                        "Databases")
                .define(
                        SLOTS,
                        ConfigDef.Type.STRING,
                        null,
                        ConfigDef.LambdaValidator.with(ScanConfig::checkSlots, () -> "ranges of slots, as 0-5460,6000"),
                        Importance.LOW,
                        "With capture.mode=scan, the only hash slots to read, as 0-5460,6000; also of a Redis that is no"
                                + " cluster. Without it, all.",
                        GROUP,
                        20,
                        Width.MEDIUM,
                        "Slots")
                .define(
                        COUNT,
                        ConfigDef.Type.INT,
                        500,
                        Range.between(1, 100_000),
                        Importance.LOW,
                        "With capture.mode=scan, COUNT of a SCAN: about so many keys does the server look at without doing"
                                + " anything else.",
                        GROUP,
                        5,
                        Width.SHORT,
                        "Keys per SCAN")
                .define(
                        KEYS_PER_SECOND,
                        ConfigDef.Type.LONG,
                        0L,
                        Range.atLeast(0),
                        Importance.MEDIUM,
                        "With capture.mode=scan, how many keys a scan reads in a second at most. Keys that changed are not"
                                + " held back. 0 for no limit.",
                        GROUP,
                        6,
                        Width.SHORT,
                        "Keys per second")
                .define(
                        BYTES_PER_SECOND,
                        ConfigDef.Type.LONG,
                        0L,
                        Range.atLeast(0),
                        Importance.MEDIUM,
                        "With capture.mode=scan, how many bytes of keys and values a scan reads in a second at most. Keys"
                                + " that changed are not held back. 0 for no limit.",
                        GROUP,
                        7,
                        Width.SHORT,
                        "Bytes per second")
                .define(
                        THREADS,
                        ConfigDef.Type.INT,
                        2,
                        Range.between(1, 64),
                        Importance.LOW,
                        "With capture.mode=scan, how many connections read values at the same time. The server executes"
                                + " one command at a time, whatever it is.",
                        GROUP,
                        8,
                        Width.SHORT,
                        "Reading connections")
                .define(
                        BATCH,
                        ConfigDef.Type.INT,
                        50,
                        Range.between(1, 10_000),
                        Importance.LOW,
                        "With capture.mode=scan, how many keys are read at a time at most: nothing else is executed"
                                + " meanwhile.",
                        GROUP,
                        9,
                        Width.SHORT,
                        "Keys per reading")
                .define(
                        QUEUE,
                        ConfigDef.Type.INT,
                        8,
                        Range.between(1, 10_000),
                        Importance.LOW,
                        "With capture.mode=scan, how many such batches may wait for each connection.",
                        GROUP,
                        10,
                        Width.SHORT,
                        "Batches that wait")
                .define(
                        MEM_LIMIT,
                        ConfigDef.Type.LONG,
                        0L,
                        Range.atLeast(0),
                        Importance.MEDIUM,
                        "With capture.mode=scan, how much memory of the server a key may take (MEMORY USAGE), in bytes."
                                + " 0 for no limit.",
                        GROUP,
                        11,
                        Width.SHORT,
                        "Memory of a key (bytes)")
                .define(
                        MEM_LIMIT_POLICY,
                        ConfigDef.Type.STRING,
                        FAIL,
                        ValidString.in(FAIL, SKIP),
                        Importance.MEDIUM,
                        "What a key above mem.limit does. 'fail': the task fails; 'skip': the key is left out, which is"
                                + " counted.",
                        GROUP,
                        12,
                        Width.SHORT,
                        "Above the limit")
                .define(
                        MEM_SAMPLES,
                        ConfigDef.Type.INT,
                        5,
                        Range.atLeast(0),
                        Importance.LOW,
                        "With capture.mode=scan, at how many elements of a value the server looks to say how much memory it"
                                + " takes. 0 for all of them, which takes long.",
                        GROUP,
                        13,
                        Width.SHORT,
                        "Samples")
                .define(
                        FEED,
                        ConfigDef.Type.STRING,
                        name(Feed.KEYSPACE),
                        ValidString.in(name(Feed.KEYSPACE), name(Feed.TRACKING)),
                        Importance.MEDIUM,
                        "With scan.mode=live or liveonly, who tells of keys that change. 'keyspace': keyspace notifications,"
                                + " for which notify-keyspace-events has to be KA at least; 'tracking': what the server"
                                + " sends to client-side caches (CLIENT TRACKING BCAST, Redis 6 and later), which needs"
                                + " no such setting and does not say in which database a key is.",
                        GROUP,
                        14,
                        Width.SHORT,
                        "Feed of changes")
                .define(
                        NOTIFY_CONFIGURE,
                        ConfigDef.Type.BOOLEAN,
                        false,
                        Importance.MEDIUM,
                        "With live.feed=keyspace, whether the connector may set notify-keyspace-events at the server where"
                                + " flags are missing. They are set back when it is stopped.",
                        GROUP,
                        15,
                        Width.SHORT,
                        "Turn notifications on")
                .define(
                        FLUSH_INTERVAL_MS,
                        ConfigDef.Type.LONG,
                        50L,
                        Range.between(0, 3_600_000),
                        Importance.MEDIUM,
                        "With scan.mode=live or liveonly, and with change.format=state, how long a key that has changed"
                                + " waits until it is read, in milliseconds: whatever happens to it meanwhile is one change.",
                        GROUP,
                        16,
                        Width.SHORT,
                        "Interval of changes (ms)")
                .define(
                        EVENT_ORDER,
                        ConfigDef.Type.STRING,
                        FIFO,
                        ValidString.in(FIFO, PRIORITY),
                        Importance.LOW,
                        "With scan.mode=live or liveonly, in which order keys that have changed are read. 'fifo': as they"
                                + " changed; 'priority': strings and keys that were removed, then hashes, JSON, lists,"
                                + " sets, sorted sets, streams, time series.",
                        GROUP,
                        17,
                        Width.SHORT,
                        "Order of changes")
                .define(
                        EVENT_QUEUE,
                        ConfigDef.Type.INT,
                        100_000,
                        Range.atLeast(1),
                        Importance.MEDIUM,
                        "With scan.mode=live or liveonly, and with change.format=state, how many keys that have changed may"
                                + " wait. With more, all keys are read anew; with change.format=state, the history is from"
                                + " the first that had to be left. Each takes about 150 bytes of heap and its own length.",
                        GROUP,
                        18,
                        Width.SHORT,
                        "Keys that wait")
                .define(
                        IDLE_TIMEOUT_MS,
                        ConfigDef.Type.LONG,
                        0L,
                        Range.atLeast(0),
                        Importance.LOW,
                        "With scan.mode=live or liveonly, after how long without a change reading ends, in milliseconds."
                                + " The task then runs without doing anything. 0 for never.",
                        GROUP,
                        19,
                        Width.SHORT,
                        "Idle timeout (ms)");
    }

    /** The options' values. */
    static ScanOptions of(
            AbstractConfig config, ConnectionConfig connection, ReadFrom readFrom, String shard, long retryTimeoutMs) {
        return new ScanOptions(
                connection.addresses(),
                connection.sentinel(),
                connection.cluster() != null,
                readFrom == ReadFrom.REPLICA_PREFERRED,
                readFrom == ReadFrom.MASTER,
                connection.username(),
                connection.password() == null ? null : connection.password().value(),
                shard,
                connection.connectTimeoutMs(),
                connection.commandTimeoutMs(),
                retryTimeoutMs,
                config.getInt(RecordConfig.MAX_RECORD_BYTES),
                config.getLong(HistoryConfig.HEARTBEAT_INTERVAL_MS),
                Mode.valueOf(config.getString(MODE).toUpperCase(Locale.ROOT)),
                text(config.getString(MATCH)),
                text(config.getString(TYPE)),
                slots(config.getString(SLOTS)),
                config.getInt(COUNT),
                databases(config.getList(DATABASES)),
                config.getInt(THREADS),
                config.getInt(BATCH),
                config.getInt(QUEUE),
                new MemoryLimit(
                        config.getLong(MEM_LIMIT),
                        config.getInt(MEM_SAMPLES),
                        config.getString(MEM_LIMIT_POLICY).equals(FAIL)),
                config.getLong(KEYS_PER_SECOND),
                config.getLong(BYTES_PER_SECOND),
                live(config),
                config.getBoolean(TopicConfig.COMPACTED));
    }

    /** The options' values for {@code change.format=state}. */
    static StateOptions states(AbstractConfig config) {
        return new StateOptions(
                config.getLong(FLUSH_INTERVAL_MS),
                config.getInt(EVENT_QUEUE),
                config.getBoolean(TopicConfig.COMPACTED));
    }

    private static LiveOptions live(AbstractConfig config) {
        return new LiveOptions(
                Feed.valueOf(config.getString(FEED).toUpperCase(Locale.ROOT)),
                config.getLong(FLUSH_INTERVAL_MS),
                config.getString(EVENT_ORDER).equals(PRIORITY),
                config.getInt(EVENT_QUEUE),
                config.getLong(IDLE_TIMEOUT_MS),
                config.getBoolean(NOTIFY_CONFIGURE));
    }

    private static List<Integer> databases(List<String> numbers) {
        return numbers.stream().map(Integer::valueOf).sorted().distinct().toList();
    }

    private static SlotRanges slots(String ranges) {
        return text(ranges) == null ? null : SlotRanges.parse(ranges.replace(" ", ""));
    }

    private static void checkSlots(String option, Object value) {
        try {
            slots((String) value);
        } catch (RedisCdcException e) {
            throw new ConfigException(option + ": " + e.getMessage());
        }
    }

    private static void checkDatabases(String option, Object value) {
        for (Object number : (List<?>) value) {
            if (!number.toString().matches("\\d{1,6}")) {
                throw new ConfigException(option + ": '" + number + "' is no number of a database");
            }
        }
    }

    private static String text(String value) {
        return value == null || value.isBlank() ? null : value;
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
