package io.rediscdc;

import io.rediscdc.model.Change;
import io.rediscdc.model.Position;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.source.RedisSourceConnector;
import io.rediscdc.source.RedisSourceTask;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/** A source task whose records go into a list, and from there to any number of sink tasks: Connect without Kafka. */
final class DirectFlow implements AutoCloseable {

    private final ChangeCodec codec = new ChangeCodec();
    private final List<SourceRecord> topic = new ArrayList<>();
    private final List<DirectSink> sinks = new ArrayList<>();
    private final RedisSourceTask source = new RedisSourceTask();
    private Position last = Position.NONE;

    DirectFlow(VersionedServer from, Map<String, String> options) {
        Map<String, String> config = new HashMap<>(options);
        config.put("name", "direct");
        config.put("redis.address", from.server().address());
        config.put("topic.prefix", "direct");
        config.put("topic", DirectSink.PARTITION.topic());
        config.put("heartbeat.interval.ms", "100");
        RedisSourceConnector connector = new RedisSourceConnector();
        connector.start(config);
        source.initialize(new Context());
        source.start(connector.taskConfigs(1).get(0));
        connector.stop();
    }

    DirectFlow to(DirectSink sink) {
        sinks.add(sink);
        return this;
    }

    /** Moves what there is, and lets every sink do what is due. */
    void pump() {
        List<SourceRecord> polled = source.poll();
        if (polled != null && !polled.isEmpty()) {
            topic.addAll(polled);
            SourceRecord end = polled.get(polled.size() - 1);
            last = codec.change(end.key(), end.value()).stamp().position();
        }
        sinks.forEach(sink -> sink.take(topic));
    }

    /** Up to where the history has been read. */
    Position last() {
        return last;
    }

    /** All records so far; a record's offset is its place. */
    List<SourceRecord> topic() {
        return Collections.unmodifiableList(topic);
    }

    /** Names of the commands in them. */
    Set<String> commandNames() {
        Set<String> names = new TreeSet<>();
        for (SourceRecord record : topic) {
            Change change = codec.change(record.key(), record.value());
            if (change.command() != null) {
                names.add(new String(change.command().args()[0], StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT));
            }
        }
        return names;
    }

    /** Types of the values of which a piece is among them. */
    Set<String> typesInPieces() {
        Set<String> types = new TreeSet<>();
        for (SourceRecord record : topic) {
            Change change = codec.change(record.key(), record.value());
            if (change.state() != null && change.state().piece() != null) {
                types.add(change.state().type());
            }
        }
        return types;
    }

    @Override
    public void close() {
        source.stop();
        sinks.forEach(DirectSink::close);
    }

    private static final class Context implements SourceTaskContext {

        @Override
        public Map<String, String> configs() {
            return Map.of();
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return new OffsetStorageReader() {
                @Override
                public <T> Map<String, Object> offset(Map<String, T> partition) {
                    return null;
                }

                @Override
                public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
                    return Map.of();
                }
            };
        }

        @Override
        public TransactionContext transactionContext() {
            return null;
        }

        @Override
        public PluginMetrics pluginMetrics() {
            throw new UnsupportedOperationException("a worker without metrics");
        }
    }
}
