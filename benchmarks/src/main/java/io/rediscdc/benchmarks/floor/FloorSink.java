package io.rediscdc.benchmarks.floor;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** Counts records. */
public final class FloorSink extends SinkConnector {

    private Map<String, String> config = Map.of();

    @Override
    public void start(Map<String, String> properties) {
        config = Map.copyOf(properties);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return FloorSinkTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int most) {
        return List.of(config);
    }

    @Override
    public void stop() {
        // nothing was started
    }

    @Override
    public ConfigDef config() {
        return FloorConfig.SINK;
    }

    @Override
    public String version() {
        return FloorConfig.VERSION;
    }
}
