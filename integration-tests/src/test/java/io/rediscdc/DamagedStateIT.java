package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.rediscdc.model.Position;
import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectRestException;
import io.rediscdc.standalone.process.RedisServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a flow relies on was altered or lost, in Kafka or in the target: nothing is applied beyond, and it is said. */
class DamagedStateIT {

    private final ConnectRest rest = Platform.shared().rest();
    private Mirror mirror;
    private Flow flow;
    private Topic topic;

    @BeforeEach
    void startFlow() {
        mirror = new Mirror("damaged");
        flow = mirror.flow();
        topic = new Topic(flow);
        mirror.increment(10);
        flow.start().awaitCaughtUp();
    }

    @AfterEach
    void stop() {
        mirror.close();
    }

    @Test
    void aTopicThatHasLostItsMiddle() {
        mirror.stopSink();
        String applied = mirror.target().text("HGET", flow.checkpointKey(), "pos:0");
        mirror.increment(100);
        List<Topic.Entry> entries =
                awaitInTopic(Long.parseLong(mirror.source().info("replication", "master_repl_offset")));
        Topic.Entry first = entries.get(entries.size() - 10);
        topic.deleteBefore(first.offset());
        rest.resume(flow.sinkName());

        assertThat(mirror.sinkFailure())
                .contains("records of shard 0 are missing between position " + applied + ", the last one applied")
                .contains("and position " + first.change().stamp().prev() + ", which the record at " + flow.name + "-0@"
                        + first.offset())
                .contains("let the source make a new snapshot");
        assertThat(mirror.target().text("GET", "counter")).isEqualTo("10");

        // As docs/when-things-go-wrong.md says.
        mirror.stopSink();
        mirror.stopSource();
        rest.deleteOffsets(flow.sourceName());
        rest.resume(flow.sourceName());
        List<Long> snapshots = await().atMost(Flow.PATIENCE).until(topic::snapshots, list -> list.size() == 1);
        Map<String, Object> partition = Map.of("kafka_topic", flow.name, "kafka_partition", 0);
        rest.patchOffsets(flow.sinkName(), offsets(partition, Map.of("kafka_offset", snapshots.get(0))));
        rest.resume(flow.sinkName());
        flow.awaitCaughtUp();
        mirror.assertEqualAfterSnapshots(2);
    }

    @Test
    void aCheckpointKeyThatIsSomethingElse() {
        mirror.stopSink();
        mirror.target().call("DEL", flow.checkpointKey());
        mirror.target().call("SET", flow.checkpointKey(), "of somebody else");
        mirror.increment(10);
        rest.resume(flow.sinkName());

        assertThat(mirror.sinkFailure())
                .contains("the checkpoint " + flow.checkpointKey() + " at "
                        + mirror.to().address() + " is no hash")
                .contains("remove it, or give this connector another flow");
        assertThat(mirror.target().text("GET", "counter")).isEqualTo("10");
        assertThat(mirror.target().text("GET", flow.checkpointKey())).isEqualTo("of somebody else");
    }

    @Test
    void sourceOffsetsThatMakeNoSense() {
        mirror.stopSource();
        assertRefused("replid", "xyz", "is not 40 hexadecimal digits, as INFO replication shows them");
        assertRefused("offset", -5, "is no whole number from 0 up");
        assertRefused("offset", "many", "is no whole number from 0 up");
        assertRefused("phase", "dreaming", "is neither 'stream' nor 'snapshot'");
        assertRefused("format", 9, "is 9, this version reads 1");
        assertRefused("last", "1:2", "source offset, field 'last'");
        rest.resume(flow.sourceName());
        mirror.increment(1);
        flow.awaitCaughtUp();
        mirror.assertEqualAfterSnapshots(1);
    }

    @Test
    void sourceOffsetsOfAnotherServer() {
        mirror.stopSource();
        mirror.source().call("SET", "while stopped", "x");
        try (RedisServer another = RedisServer.running();
                RedisClientOf client = new RedisClientOf(another)) {
            alter("replid", client.info("replication", "master_replid"));
        }
        rest.resume(flow.sourceName());
        await().atMost(Flow.PATIENCE)
                .untilAsserted(() ->
                        assertThat(mirror.source().info("stats", "sync_full")).isEqualTo("2"));
        flow.awaitCaughtUp();
        assertThat(topic.snapshots()).hasSize(2);
        mirror.assertEqualAfterSnapshots(2);
    }

    @Test
    void sourceOffsetsThatClaimRecordsWhichTheTopicDoesNotHave() {
        mirror.stopSource();
        Position applied = flow.applied();
        Position claimed = new Position(applied.epoch(), applied.offset() + 1, 0);
        alter("last", claimed.toString());
        rest.resume(flow.sourceName());
        mirror.increment(10);

        assertThat(mirror.sinkFailure())
                .contains("records of shard 0 are missing between position " + applied)
                .contains("and position " + claimed + ", which the record at");
        assertThat(mirror.target().text("GET", "counter")).isEqualTo("10");
    }

    private List<Topic.Entry> awaitInTopic(long replicationOffset) {
        return await().atMost(Flow.PATIENCE)
                .until(
                        topic::committed,
                        entries -> entries.get(entries.size() - 1).replicationOffset() >= replicationOffset);
    }

    private void assertRefused(String field, Object value, String why) {
        assertThatThrownBy(() -> alter(field, value))
                .isInstanceOf(ConnectRestException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(why);
    }

    /** Sets a field of the source's offset and leaves the others as they are. */
    private void alter(String field, Object value) {
        Map<String, Object> offset = new HashMap<>();
        JsonNode shown = rest.offsets(flow.sourceName()).at("/offsets/0/offset");
        shown.fieldNames()
                .forEachRemaining(name -> offset.put(
                        name,
                        shown.get(name).isNumber()
                                ? shown.get(name).asLong()
                                : shown.get(name).asText()));
        offset.put(field, value);
        rest.patchOffsets(flow.sourceName(), offsets(Map.of("source", flow.name, "shard", "0"), offset));
    }

    private static Map<String, Object> offsets(Map<String, Object> partition, Map<String, Object> offset) {
        return Map.of("offsets", List.of(Map.of("partition", partition, "offset", offset)));
    }
}
