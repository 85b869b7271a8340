package io.rediscdc.source;

import io.rediscdc.slot.Slot;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The options that name the source, and say in which topic its history is. */
final class TopicConfig {

    static final String PREFIX = "topic.prefix";
    static final String TOPIC = "topic";
    static final String PARTITIONS = "topic.partitions";
    static final String COMPACTED = "topic.compacted";

    private static final String GROUP = HistoryConfig.GROUP;

    private TopicConfig() {}

    /** Adds the options to the connector's. */
    static ConfigDef define(ConfigDef def) {
        return def.define(
                        PREFIX,
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "The logical name of this source. It identifies the source in its stored offsets, so it must stay"
                                + " the same over the connector's life and differ from every other source's.",
                        GROUP,
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
                        GROUP,
                        2,
                        Width.MEDIUM,
                        "Topic")
                .define(
                        PARTITIONS,
                        ConfigDef.Type.INT,
                        1,
                        Range.between(1, Slot.COUNT),
                        Importance.MEDIUM,
                        "How many partitions the topic has, for a cluster: the changes of a key are in partition slot x"
                                + " partitions / 16384. It must be the topic's true number, and stays the same over its life."
                                + " Where the worker makes the topic, topic.creation.default.partitions says it too.",
                        GROUP,
                        13,
                        Width.SHORT,
                        "Partitions of the topic")
                .define(
                        COMPACTED,
                        ConfigDef.Type.BOOLEAN,
                        false,
                        Importance.MEDIUM,
                        "With capture.mode=scan or change.format=state, whether the topic may be compacted"
                                + " (cleanup.policy=compact): deletions are tombstones then, records do not name the one"
                                + " before, and a value that does not fit into a record stops the task.",
                        GROUP,
                        15,
                        Width.SHORT,
                        "Compacted topic");
    }

    /** The logical name of the source. */
    static String sourceName(AbstractConfig config) {
        return config.getString(PREFIX);
    }

    static String topic(AbstractConfig config) {
        String topic = config.getString(TOPIC);
        return topic == null || topic.isEmpty() ? sourceName(config) + ".changes" : topic;
    }

    /** Of the topic. */
    static int partitions(AbstractConfig config) {
        return config.getInt(PARTITIONS);
    }
}
