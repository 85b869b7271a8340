package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.SentinelException;
import io.rediscdc.source.scan.ScanProbe;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;

/** Tries a configuration of {@code capture.mode=scan} on the server it names, as {@link SourceCheck} does for replicas. */
final class ScanCheck {

    private ScanCheck() {}

    static void run(SourceConfig config, Map<String, ConfigValue> values) {
        String server = config.connection().serverOption();
        String field = ConnectionConfig.PASSWORD;
        try (ScanProbe probe = new ScanProbe(config.scan(""))) {
            probe.connect();
            field = ConnectionConfig.USERNAME;
            probe.mayRead();
            field = ScanConfig.FEED;
            probe.hears();
        } catch (SentinelException e) {
            values.get(ConnectionConfig.optionOf(e)).addErrorMessage(e.getMessage());
        } catch (RedisCdcException e) {
            boolean isConfig = e.category() == RedisCdcException.Category.CONFIG;
            values.get(isConfig ? field : server).addErrorMessage(e.getMessage());
        }
    }
}
