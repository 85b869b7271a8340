package io.rediscdc.source;

import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.SentinelException;
import io.rediscdc.source.scan.ScanOptions;
import io.rediscdc.source.scan.ScanProbe;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;

/** Tries a configuration of {@code capture.mode=scan} on the server it names, as {@link SourceCheck} does for replicas. */
final class ScanCheck {

    private ScanCheck() {}

    static void run(SourceConfig config, Map<String, ConfigValue> values) {
        if (config.connection().cluster() != null) {
            ClusterCheck.run(config, values);
            return;
        }
        Map<String, String> errors = new LinkedHashMap<>();
        try {
            isUsable(config.scan("", false), config, errors);
        } catch (SentinelException e) {
            errors.put(e.getMessage(), ConnectionConfig.optionOf(e));
        }
        errors.forEach((message, field) -> values.get(field).addErrorMessage(message));
    }

    /**
     * Whether the server that the options lead to lets itself be read.
     *
     * @param errors gets the message, if there is one, and the option that it belongs to
     * @throws SentinelException if Sentinel does not say which server that is
     */
    static boolean isUsable(ScanOptions options, SourceConfig config, Map<String, String> errors) {
        String field = ConnectionConfig.PASSWORD;
        try (ScanProbe probe = new ScanProbe(options)) {
            probe.connect();
            field = ConnectionConfig.USERNAME;
            probe.mayRead();
            field = ScanConfig.FEED;
            probe.hears();
            return true;
        } catch (SentinelException e) {
            throw e;
        } catch (RedisCdcException e) {
            boolean isConfig = e.category() == RedisCdcException.Category.CONFIG;
            errors.put(e.getMessage(), isConfig ? field : config.connection().serverOption());
            return false;
        }
    }
}
