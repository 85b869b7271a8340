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
        try {
            ScanProbe.run(config.scan(""));
        } catch (SentinelException e) {
            values.get(ConnectionConfig.optionOf(e)).addErrorMessage(e.getMessage());
        } catch (RedisCdcException e) {
            values.get(field(config, e)).addErrorMessage(e.getMessage());
        }
    }

    private static String field(SourceConfig config, RedisCdcException e) {
        return switch (e.category()) {
            case CONFIG -> e.getMessage().contains("login") ? ConnectionConfig.PASSWORD : ConnectionConfig.USERNAME;
            default -> config.connection().serverOption();
        };
    }
}
