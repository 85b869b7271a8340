package io.rediscdc.source;

import io.rediscdc.record.ChangeCodec;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The options that say what a record looks like. */
final class RecordConfig {

    static final String HEADERS_ENABLED = "headers.enabled";
    static final String MAX_RECORD_BYTES = "max.record.bytes";
    static final String VALUE_FORMAT = "value.format";

    private static final String DUMP = "dump";
    private static final String TYPED = "typed";
    private static final String GROUP = "Records";

    private RecordConfig() {}

    /** Adds the options to the connector's. */
    static ConfigDef define(ConfigDef def) {
        return def.define(
                        HEADERS_ENABLED,
                        ConfigDef.Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Whether records of keys and of published messages carry op, key, type and db as text in their"
                                + " headers, for people and tools that read the topic; all other records do. Nothing here"
                                + " needs them, and they cost a fifth to a quarter of the worker's CPU. With true, set"
                                + " header.converter to org.apache.kafka.connect.storage.StringConverter at source and"
                                + " sink: Connect's default takes two to four times as long.",
                        GROUP,
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
                        GROUP,
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
                        GROUP,
                        3,
                        Width.SHORT,
                        "Format of values");
    }

    /** What writes changes in the format that is wanted. */
    static ChangeCodec codec(AbstractConfig config) {
        return config.getString(VALUE_FORMAT).equals(TYPED)
                ? ChangeCodec.typed(config.getInt(MAX_RECORD_BYTES))
                : new ChangeCodec();
    }
}
