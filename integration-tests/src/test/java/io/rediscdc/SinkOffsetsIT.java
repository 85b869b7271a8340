package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectRestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An operator who alters the sink's offsets gets what was asked for, whatever the checkpoint says. */
class SinkOffsetsIT {

    private final ConnectRest rest = Platform.shared().rest();
    private Mirror mirror;
    private Flow flow;

    @BeforeEach
    void startFlow() {
        mirror = new Mirror("sink-offsets");
        flow = mirror.flow();
        flow.source().call("SET", "text", "before");
        flow.source().call("INCR", "counter");
        flow.start().awaitCaughtUp();
        flow.source().call("INCR", "counter");
        flow.source().call("SET", "later", "x");
        flow.source().call("INCR", "born after the snapshot");
        flow.awaitCaughtUp();
        mirror.stopSink();
    }

    @AfterEach
    void stopServers() {
        mirror.close();
    }

    @Test
    void aTargetThatWasFlushedIsFilledAgainAfterADelete() {
        flow.target().call("FLUSHALL");
        rest.deleteOffsets(flow.sinkName());
        assertReplayed();
    }

    @Test
    void aTargetThatWasChangedIsMendedByAReplayFromZero() {
        flow.target().call("SET", "text", "changed by somebody");
        flow.target().call("INCRBY", "counter", "100");
        flow.target().call("DEL", "later");
        patch(partition(flow.name), Map.of("kafka_offset", 0));
        assertReplayed();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> patch(partition(flow.name), Map.of("kafka_offset", -5)))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> patch(partition("no-such-topic"), Map.of("kafka_offset", 0)))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining("does not read topic no-such-topic");
        assertThatThrownBy(() -> patch(Map.of("kafka_topic", flow.name), Map.of("kafka_offset", 0)))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining("kafka_partition");
        assertThatThrownBy(() -> patch(partition(flow.name), Map.of("offset", 0)))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining("kafka_offset");
        mirror.to().stop();
        assertThatThrownBy(() -> patch(partition(flow.name), Map.of("kafka_offset", 0)))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining("cannot be reached");
        mirror.to().start();
    }

    private void assertReplayed() {
        assertThat(flow.target().number("HGET", flow.checkpointKey(), "generation"))
                .isEqualTo(1);
        rest.resume(flow.sinkName());
        flow.awaitCaughtUp();
        mirror.assertEqualAfterSnapshots(1);
    }

    private static Map<String, ?> partition(String topic) {
        return Map.of("kafka_topic", topic, "kafka_partition", 0);
    }

    private void patch(Map<String, ?> partition, Map<String, ?> offset) {
        Map<String, Object> entry = new HashMap<>();
        entry.put("partition", partition);
        entry.put("offset", offset);
        rest.patchOffsets(flow.sinkName(), Map.of("offsets", List.of(entry)));
    }
}
