package io.rediscdc.benchmarks.floor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** Counts records, and makes a file when it has seen all of them. */
public final class FloorSinkTask extends SinkTask {

    private long missing;
    private Path done = Path.of("");

    @Override
    public void start(Map<String, String> properties) {
        AbstractConfig config = new AbstractConfig(FloorConfig.SINK, properties, false);
        missing = config.getLong(FloorConfig.RECORDS);
        done = Path.of(config.getString(FloorConfig.DONE_FILE));
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        if (records.isEmpty()) {
            return;
        }
        missing -= records.size();
        if (missing == 0) {
            try {
                Files.createFile(done);
            } catch (IOException e) {
                throw new ConnectException("cannot make " + done, e);
            }
        }
    }

    @Override
    public void stop() {
        // nothing was started
    }

    @Override
    public String version() {
        return FloorConfig.VERSION;
    }
}
