package io.rediscdc.standalone.replicate;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectRest.FieldError;
import io.rediscdc.standalone.process.ConnectRestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A source and a sink connector on a worker, driven over REST. */
final class Flow {

    private static final String LOST_STEP = "org.apache.kafka.common.errors.InvalidTxnStateException";
    private static final int MOST_RESTARTS = 5;

    private final ConnectRest rest;
    private final FlowConfig config;
    private int restarts;

    Flow(ConnectRest rest, FlowConfig config) {
        this.rest = rest;
        this.config = config;
    }

    /**
     * Checks both configs, then deploys both connectors; the sink first, so that it misses nothing of the snapshot's
     * time. Ones that are there already get this config and go on.
     *
     * @throws UsageException naming each field that does not pass
     */
    void deploy() {
        List<String> errors = new ArrayList<>();
        validate("source", config.sourceConnector(), errors);
        validate("sink", config.sinkConnector(), errors);
        if (!errors.isEmpty()) {
            throw new UsageException(String.join("\n", errors));
        }
        rest.put(FlowConfig.SINK_CONNECTOR, config.sinkConnector());
        rest.put(FlowConfig.SOURCE_CONNECTOR, config.sourceConnector());
        rest.resume(FlowConfig.SINK_CONNECTOR);
        rest.resume(FlowConfig.SOURCE_CONNECTOR);
    }

    /**
     * Looks at both. A task that died of a lost step between its producer and the broker is started again: its
     * transaction is void, and it goes on from the one before.
     *
     * @throws FlowFailedException if a connector or a task has failed for any other reason
     */
    void check() {
        check("source", FlowConfig.SOURCE_CONNECTOR);
        check("sink", FlowConfig.SINK_CONNECTOR);
    }

    /** Ends both, the source first; they keep their offsets. */
    void stop() {
        rest.stop(FlowConfig.SOURCE_CONNECTOR);
        rest.stop(FlowConfig.SINK_CONNECTOR);
    }

    void delete() {
        for (String connector : List.of(FlowConfig.SOURCE_CONNECTOR, FlowConfig.SINK_CONNECTOR)) {
            try {
                rest.delete(connector);
            } catch (ConnectRestException e) {
                if (e.status() != 404) {
                    throw e;
                }
            }
        }
    }

    private void validate(String what, Map<String, String> connector, List<String> errors) {
        try {
            for (FieldError error : rest.validate(connector)) {
                errors.add(what + " " + error);
            }
        } catch (ConnectRestException e) {
            errors.add(what + " connector: " + e.getMessage());
        }
    }

    private void check(String what, String connector) {
        String trace = rest.status(connector).failure();
        if (trace != null && trace.contains(LOST_STEP) && restarts < MOST_RESTARTS) {
            restarts++;
            rest.restart(connector);
        } else if (trace != null) {
            throw new FlowFailedException("the " + what + " connector failed: " + Traces.message(trace));
        }
    }
}
