package io.rediscdc.benchmarks.floor;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** Options of the trivial connectors. */
public final class FloorConfig {

    public static final String TOPIC = "floor.topic";
    public static final String RECORDS = "floor.records";
    public static final String VALUE_BYTES = "floor.value.bytes";
    /** A file that the sink makes when it has seen so many records. */
    public static final String DONE_FILE = "floor.done.file";

    static final String VERSION = "1";

    static final ConfigDef SOURCE = new ConfigDef()
            .define(TOPIC, ConfigDef.Type.STRING, Importance.HIGH, "Topic to write to")
            .define(RECORDS, ConfigDef.Type.LONG, Importance.HIGH, "Number of records")
            .define(VALUE_BYTES, ConfigDef.Type.INT, 100, Importance.LOW, "Bytes of a value");

    static final ConfigDef SINK = new ConfigDef()
            .define(RECORDS, ConfigDef.Type.LONG, Importance.HIGH, "Number of records")
            .define(DONE_FILE, ConfigDef.Type.STRING, Importance.HIGH, "File that says that all have been seen");

    private FloorConfig() {}
}
